// The state of one object and the change that is under way: START, STATECHANGE, DONE.
#pragma once

#include "dispatcher.h"
#include "registrations.h"
#include "trace.h"

#include <mapioffline.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace offline_state {

/// Held by its object and by every change that is queued: it may outlive the object, and then has no registrations.
class ConnectionState : public std::enable_shared_from_this<ConnectionState> {
public:
    explicit ConnectionState(ULONG capabilities) : capabilities_(capabilities) {}

    ULONG capabilities() const noexcept { return capabilities_; }
    ULONG current() const;
    Registrations& registrations() noexcept { return registrations_; }

    /// Starts the change to another state and, if asked to block, waits until it is complete. Throws what
    /// Dispatcher::post throws, and has then changed nothing.
    Outcome set(ULONG state, bool block, Dispatcher& dispatcher);

    /// Queues a notification that is no change (HOST-3).
    void send(const MAPIOFFLINE_NOTIFY& notification, Dispatcher& dispatcher);

private:
    struct Change;

    /// Delivers the change's next phase; true while another one is left.
    bool deliver_phase(Change& change);

    /// Who hears of something that starts now: everyone up to this token.
    ULONG audience() const { return registrations_.newest(); }
    bool can_notify(ULONG state) const noexcept;

    const ULONG capabilities_;
    Registrations registrations_;

    mutable std::mutex mutex_; // guards what follows; never held while a client is called
    std::condition_variable completed_;
    ULONG state_ = MAPIOFFLINE_STATE_ONLINE;
    bool change_under_way_ = false;
};

} // namespace offline_state
