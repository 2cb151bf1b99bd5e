#include "connection_state.h"

#include "lifetime.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace offline_state {

struct ConnectionState::Change {
    /// Delivers the phase that the notification names.
    bool deliver_phase();

    std::shared_ptr<Tree> tree;
    MAPIOFFLINE_NOTIFY notification;
    Audience audience;
    bool is_complete = false; // guarded by the tree's mutex
};

/// What the objects of one profile share.
struct ConnectionState::Tree {
    Registrations registrations;

    std::mutex mutex; // never held while a client is called
    std::condition_variable completed;
    std::vector<ConnectionState*> states; // of all objects

    /// The present registrations on the objects that are picked. With the mutex held.
    template <class IsPicked>
    Audience audience(IsPicked is_picked) const {
        Audience audience{registrations.newest(), {}};
        if (!std::all_of(states.begin(), states.end(), is_picked)) {
            std::copy_if(states.begin(), states.end(), std::back_inserter(audience.objects), is_picked);
            std::sort(audience.objects.begin(), audience.objects.end());
            audience.newest = audience.objects.empty() ? 0 : audience.newest;
        }
        return audience;
    }
};

ConnectionState::ConnectionState(ULONG capabilities, ConnectionState* parent)
    : dispatcher_(parent != nullptr ? parent->dispatcher_ : current_dispatcher()),
      tree_(parent != nullptr ? parent->tree_ : std::make_shared<Tree>()), parent_(parent),
      capabilities_(capabilities) {
    const std::lock_guard lock(tree_->mutex);
    if (parent != nullptr) {
        state_ = parent->state_;
        change_ = parent->change_; // a change under way there is under way here too
    }
    tree_->states.push_back(this);
}

// NOLINTNEXTLINE(bugprone-unsafe-to-allow-exceptions): only an ending thread leaves it so
ConnectionState::~ConnectionState() noexcept(false) {
    const AtEnd leave_the_tree{[this] {
        const std::lock_guard lock(tree_->mutex);
        std::vector<ConnectionState*>& states = tree_->states;
        states.erase(std::find(states.begin(), states.end(), this));
    }};
    tree_->registrations.remove_all(this);
}

ULONG ConnectionState::current() const {
    const std::lock_guard lock(tree_->mutex);
    return state_;
}

// NOLINTNEXTLINE(misc-no-recursion): a tree has three levels
bool ConnectionState::is_at_or_below(const ConnectionState& other) const noexcept {
    return this == &other || (parent_ != nullptr && parent_->is_at_or_below(other));
}

Outcome ConnectionState::set(ULONG state, bool block) {
    if (block && (dispatcher_->is_delivering_here() || dispatcher_->is_to_deliver_here())) { // SET-7.1, HOST-5
        return {E_PENDING, block_waits_for_itself};
    }
    std::unique_lock lock(tree_->mutex);
    const auto changes = [this](const ConnectionState* each) { return each->is_at_or_below(*this); };
    const auto is_changing = [&](const ConnectionState* each) { return changes(each) && each->change_ != nullptr; };
    if (std::any_of(tree_->states.begin(), tree_->states.end(), is_changing)) { // SET-4
        return {E_PENDING, "a change is under way"};
    }
    if (state == state_) { // SET-5
        return {};
    }
    const ULONG capability =
        state == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_CAPABILITY_ONLINE : MAPIOFFLINE_CAPABILITY_OFFLINE;
    const auto is_notified = [&](const ConnectionState* each) { // NOTIFY-9.1, CAPS-3
        return changes(each) && each->state_ != state && (each->capabilities_ & capability) != 0;
    };
    MAPIOFFLINE_NOTIFY start{sizeof start, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, 0, {}};
    start.Info.StateChange = {MAPIOFFLINE_STATE_OFFLINE_MASK, state_, state};
    const auto change = std::make_shared<Change>(Change{tree_, start, tree_->audience(is_notified)});
    dispatcher_->post([change] { return change->deliver_phase(); });
    for (ConnectionState* const each : tree_->states) {
        if (changes(each)) {
            each->change_ = change.get();
        }
    }
    if (block) { // SET-3
        tree_->completed.wait(lock, [&change] { return change->is_complete; });
    }
    return {};
}

// If a client's function ends the thread, the phase is delivered again from its beginning, on another thread
// (NOTIFY-10): what happens before notify() must do no harm twice.
bool ConnectionState::Change::deliver_phase() {
    const MAPIOFFLINE_NOTIFY_TYPE phase = notification.NotifyType;
    if (phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
        const std::lock_guard lock(tree->mutex);
        for (ConnectionState* const each : tree->states) {
            if (each->change_ == this && phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE) { // NOTIFY-3
                each->state_ = notification.Info.StateChange.ulStateNew;
            } else if (each->change_ == this) { // SET-6: now the next change may be started
                each->change_ = nullptr;
            }
        }
    }
    tree->registrations.notify(notification, audience);
    if (phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
        notification.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(phase + 1);
        return true;
    }
    std::unique_lock lock(tree->mutex);
    is_complete = true;
    lock.unlock(); // the thread that wakes needs it
    tree->completed.notify_all();
    return false;
}

void ConnectionState::send(const MAPIOFFLINE_NOTIFY& notification) {
    const std::lock_guard lock(tree_->mutex);
    const auto is_this = [this](const ConnectionState* each) { return each == this; };
    dispatcher_->post([tree = tree_, notification, audience = tree_->audience(is_this)]() mutable {
        tree->registrations.notify(notification, audience);
        return false;
    });
}

ULONG ConnectionState::add_registration(Callback&& callback, ULONG client_token) {
    return tree_->registrations.add(this, std::move(callback), client_token);
}

void ConnectionState::remove_registration(ULONG token) {
    tree_->registrations.remove(this, token);
}

} // namespace offline_state
