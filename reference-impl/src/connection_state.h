// The state of one object, its place in its profile's tree of objects, and the changes that go down that tree.
#pragma once

#include "dispatcher.h"
#include "registrations.h"
#include "trace.h"

#include <mapioffline.h>

#include <memory>

namespace offline_state {

class ConnectionState {
public:
    /// A global object's: the root of a new tree.
    explicit ConnectionState(ULONG capabilities);

    /// A provider's or a store's: below `parent`, which outlives it, and in that one's state (CREATE-6.1).
    ConnectionState(ULONG capabilities, ConnectionState& parent);

    /// Ends all its registrations (UNADVISE-4). The thread may end inside a callback's Release.
    ~ConnectionState() noexcept(false);

    ConnectionState(const ConnectionState&) = delete;
    ConnectionState& operator=(const ConnectionState&) = delete;

    ULONG capabilities() const noexcept { return capabilities_; }
    ULONG current() const;

    /// Starts the change to another state, for this object and all below it, and, if asked to block, waits until it is
    /// complete. Throws what Dispatcher::post throws, and has then changed nothing.
    Outcome set(ULONG state, bool block);

    /// Queues a notification that is no change, for this object's registrations (HOST-3).
    void send(const MAPIOFFLINE_NOTIFY& notification);

    /// Registrations::add and Registrations::remove, for this object.
    ULONG add_registration(Callback&& callback, ULONG client_token);
    void remove_registration(ULONG token);

    Dispatcher& dispatcher() noexcept { return *dispatcher_; }

private:
    struct Change;
    struct Other;
    struct Tree;

    bool is_at_or_below(const ConnectionState& other) const noexcept;
    bool can_notify(ULONG state) const noexcept;

    const std::shared_ptr<Dispatcher> dispatcher_; // one for the whole tree
    const std::shared_ptr<Tree> tree_;             // held by queued changes too, which may outlive the object
    const ConnectionState* const parent_;
    const ULONG capabilities_;

    // Guarded by the tree's mutex:
    ULONG state_;
    const Change* change_; // the one that is under way here, until DONE begins (SET-6)
};

} // namespace offline_state
