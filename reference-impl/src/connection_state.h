// The state of one object, the object's place in its profile's tree, and the changes that go down that tree.
#pragma once

#include "dispatcher.h"
#include "registrations.h"
#include "trace.h"

#include <mapioffline.h>

#include <memory>

namespace offline_state {

/// Why MAPIOFFLINE_FLAG_BLOCK fails there.
constexpr const char* block_waits_for_itself =
    "MAPIOFFLINE_FLAG_BLOCK on the thread that delivers would wait for itself; use MAPIOFFLINE_FLAG_DEFAULT";

class ConnectionState {
public:
    /// @param parent Null for a global object, the root of a new tree. Else the parent object's, which must outlive
    ///   this one; the new object starts in the parent's state (CREATE-6.1).
    ConnectionState(ULONG capabilities, ConnectionState* parent);

    /// Ends all its registrations (UNADVISE-4). A callback's Release may end the thread here.
    ~ConnectionState() noexcept(false);

    ConnectionState(const ConnectionState&) = delete;

    ULONG capabilities() const noexcept { return capabilities_; }
    ULONG current() const;

    /// Starts the change to another state, of this object and all below it. With `block` it waits until the change is
    /// complete. Throws what Dispatcher::post throws; then nothing has changed.
    Outcome set(ULONG state, bool block);

    /// Queues a notification that is not about a change of state, for this object's registrations (HOST-3).
    void send(const MAPIOFFLINE_NOTIFY& notification);

    /// Registrations::add and Registrations::remove, for this object.
    ULONG add_registration(Callback&& callback, ULONG client_token);
    void remove_registration(ULONG token);

    Dispatcher& dispatcher() noexcept { return *dispatcher_; }

private:
    struct Change;
    struct Tree;

    bool is_at_or_below(const ConnectionState& other) const noexcept;

    const std::shared_ptr<Dispatcher> dispatcher_; // the same for the whole tree
    const std::shared_ptr<Tree> tree_;             // also held by queued changes, which may outlive the object
    const ConnectionState* const parent_;
    const ULONG capabilities_;

    // Guarded by the tree's mutex:
    ULONG state_ = MAPIOFFLINE_STATE_ONLINE;
    const Change* change_ = nullptr; // the one under way here, until DONE begins (SET-6)
};

} // namespace offline_state
