#include "connection_state.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace offline_state {

struct ConnectionState::Change final : Dispatcher::Change {
    Change(std::shared_ptr<Tree> of, ULONG from, ULONG to, Audience those, bool awaited)
        : tree(std::move(of)), state_old(from), state_new(to), audience(std::move(those)), is_awaited(awaited) {}

    bool deliver_phase() override;

    const std::shared_ptr<Tree> tree;
    const ULONG state_old;
    const ULONG state_new;
    Audience audience;
    const bool is_awaited;
    MAPIOFFLINE_NOTIFY_TYPE next_phase = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    bool complete = false; // guarded by the tree's mutex
};

/// What the objects of one profile share.
struct ConnectionState::Tree {
    Registrations registrations;

    std::mutex mutex; // never held while a client is called
    std::condition_variable completed;
    std::vector<ConnectionState*> states; // of the objects there are

    /// The registrations there are now on the objects that are picked. With the mutex held.
    template <class IsPicked>
    Audience audience(IsPicked is_picked) const;
};

ConnectionState::ConnectionState(ULONG capabilities)
    : dispatcher_(current_dispatcher()), tree_(std::make_shared<Tree>()), parent_(nullptr), capabilities_(capabilities),
      state_(MAPIOFFLINE_STATE_ONLINE), change_(nullptr) {
    tree_->states.push_back(this);
}

ConnectionState::ConnectionState(ULONG capabilities, ConnectionState& parent)
    : dispatcher_(parent.dispatcher_), tree_(parent.tree_), parent_(&parent), capabilities_(capabilities) {
    const std::lock_guard lock(tree_->mutex);
    state_ = parent.state_;
    change_ = parent.change_; // what is under way there goes on here
    tree_->states.push_back(this);
}

// NOLINTNEXTLINE(bugprone-unsafe-to-allow-exceptions): only a thread that ends leaves it so
ConnectionState::~ConnectionState() noexcept(false) {
    struct Leaves {
        ConnectionState& state;
        ~Leaves() {
            const std::lock_guard lock(state.tree_->mutex);
            std::vector<ConnectionState*>& states = state.tree_->states;
            states.erase(std::find(states.begin(), states.end(), &state));
        }
    } leaves{*this};
    tree_->registrations.remove_all(this);
}

ULONG ConnectionState::current() const {
    const std::lock_guard lock(tree_->mutex);
    return state_;
}

bool ConnectionState::is_at_or_below(const ConnectionState& other) const noexcept {
    const ConnectionState* above = this;
    while (above != nullptr && above != &other) {
        above = above->parent_;
    }
    return above != nullptr;
}

bool ConnectionState::can_notify(ULONG state) const noexcept {
    const ULONG capability =
        state == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_CAPABILITY_ONLINE : MAPIOFFLINE_CAPABILITY_OFFLINE;
    return (capabilities_ & capability) != 0;
}

Outcome ConnectionState::set(ULONG state, bool block) {
    if (block && dispatcher_->is_delivering_here()) { // SET-7.1
        return {E_PENDING, "MAPIOFFLINE_FLAG_BLOCK on the notification thread would wait for itself"};
    }
    std::unique_lock lock(tree_->mutex);
    const auto changes_with_this = [this](const ConnectionState* each) { return each->is_at_or_below(*this); };
    for (const ConnectionState* const each : tree_->states) {
        if (changes_with_this(each) && each->change_ != nullptr) { // SET-4
            return {E_PENDING, "a change is under way"};
        }
    }
    if (state == state_) { // SET-5
        return {};
    }
    const auto is_told = [&](const ConnectionState* each) { // NOTIFY-9.1, CAPS-3
        return changes_with_this(each) && each->state_ != state && each->can_notify(state);
    };
    const auto change = std::make_shared<Change>(tree_, state_, state, tree_->audience(is_told), block);
    dispatcher_->post(change);
    for (ConnectionState* const each : tree_->states) {
        if (changes_with_this(each)) {
            each->change_ = change.get();
        }
    }
    if (block) { // SET-3
        tree_->completed.wait(lock, [&change] { return change->complete; });
    }
    return {};
}

template <class IsPicked>
Audience ConnectionState::Tree::audience(IsPicked is_picked) const {
    Audience audience{registrations.newest(), {}};
    if (!std::all_of(states.begin(), states.end(), is_picked)) {
        std::copy_if(states.begin(), states.end(), std::back_inserter(audience.objects), is_picked);
        std::sort(audience.objects.begin(), audience.objects.end());
        audience.newest = audience.objects.empty() ? 0 : audience.newest;
    }
    return audience;
}

// What it does before it notifies may be done twice: the thread may end inside a client's function, and another one
// goes on with the phase (NOTIFY-10).
bool ConnectionState::Change::deliver_phase() {
    const MAPIOFFLINE_NOTIFY_TYPE phase = next_phase;
    if (phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
        const std::lock_guard lock(tree->mutex);
        for (ConnectionState* const each : tree->states) {
            if (each->change_ != this) {
                continue;
            }
            if (phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE) { // NOTIFY-3
                each->state_ = state_new;
            } else { // SET-6: the next change may be asked for
                each->change_ = nullptr;
            }
        }
    }

    MAPIOFFLINE_NOTIFY notification{};
    notification.ulSize = sizeof notification;
    notification.NotifyType = phase;
    notification.Info.StateChange = {MAPIOFFLINE_STATE_OFFLINE_MASK, state_old, state_new};
    tree->registrations.notify(notification, audience);

    if (phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
        next_phase = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(phase + 1);
        return true;
    }
    if (is_awaited) {
        std::unique_lock lock(tree->mutex);
        complete = true;
        lock.unlock(); // who wakes needs it
        tree->completed.notify_all();
    }
    return false;
}

/// A notification that is no change: one phase.
struct ConnectionState::Other final : Dispatcher::Change {
    Other(std::shared_ptr<Tree> of, const MAPIOFFLINE_NOTIFY& sent, Audience those)
        : tree(std::move(of)), notification(sent), audience(std::move(those)) {}

    bool deliver_phase() override {
        tree->registrations.notify(notification, audience);
        return false;
    }

    const std::shared_ptr<Tree> tree;
    const MAPIOFFLINE_NOTIFY notification;
    Audience audience;
};

void ConnectionState::send(const MAPIOFFLINE_NOTIFY& notification) {
    const std::lock_guard lock(tree_->mutex);
    const Audience audience = tree_->audience([this](const ConnectionState* each) { return each == this; });
    dispatcher_->post(std::make_shared<Other>(tree_, notification, audience));
}

ULONG ConnectionState::add_registration(Callback&& callback, ULONG client_token) {
    return tree_->registrations.add(this, std::move(callback), client_token);
}

void ConnectionState::remove_registration(ULONG token) {
    tree_->registrations.remove(this, token);
}

} // namespace offline_state
