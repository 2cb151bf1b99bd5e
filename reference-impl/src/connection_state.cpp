#include "connection_state.h"

namespace offline_state {

struct ConnectionState::Change {
    ULONG state_old;
    ULONG state_new;
    ULONG audience;
    MAPIOFFLINE_NOTIFY_TYPE next_phase = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    bool complete = false;
};

ULONG ConnectionState::current() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

bool ConnectionState::can_notify(ULONG state) const noexcept {
    const ULONG capability =
        state == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_CAPABILITY_ONLINE : MAPIOFFLINE_CAPABILITY_OFFLINE;
    return (capabilities_ & capability) != 0;
}

Outcome ConnectionState::set(ULONG state, bool block, Dispatcher& dispatcher) {
    if (block && dispatcher.is_delivering_here()) { // SET-7
        return {E_PENDING, "MAPIOFFLINE_FLAG_BLOCK on the notification thread would wait for itself"};
    }
    std::unique_lock lock(mutex_);
    if (change_under_way_) { // SET-4
        return {E_PENDING, "a change is under way"};
    }
    if (state == state_) { // SET-5
        return {};
    }
    const ULONG nobody = 0;
    const auto change = std::make_shared<Change>(Change{state_, state, can_notify(state) ? audience() : nobody});
    dispatcher.post([self = shared_from_this(), change] { return self->deliver_phase(*change); });
    change_under_way_ = true;
    if (block) { // SET-3
        completed_.wait(lock, [&change] { return change->complete; });
    }
    return {};
}

bool ConnectionState::deliver_phase(Change& change) {
    const MAPIOFFLINE_NOTIFY_TYPE phase = change.next_phase;
    {
        const std::lock_guard lock(mutex_);
        if (phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE) { // NOTIFY-3
            state_ = change.state_new;
        } else if (phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) { // SET-6: a client may ask for the next change
            change_under_way_ = false;
        }
    }

    MAPIOFFLINE_NOTIFY notification{};
    notification.ulSize = sizeof notification;
    notification.NotifyType = phase;
    notification.Info.StateChange = {MAPIOFFLINE_STATE_OFFLINE_MASK, change.state_old, change.state_new};
    registrations_.notify(notification, change.audience);

    if (phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
        change.next_phase = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(phase + 1);
        return true;
    }
    const std::lock_guard lock(mutex_);
    change.complete = true;
    completed_.notify_all();
    return false;
}

void ConnectionState::send(const MAPIOFFLINE_NOTIFY& notification, Dispatcher& dispatcher) {
    dispatcher.post([self = shared_from_this(), notification, audience = audience()] {
        self->registrations_.notify(notification, audience);
        return false;
    });
}

} // namespace offline_state
