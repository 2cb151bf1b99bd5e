// SPDX-License-Identifier: MIT
#pragma once

/// @file mapioffline_host.h
/// @brief The host kit: plays Outlook's part in a test or a demonstration.
///
/// Nothing in this file is part of Microsoft's API; all of it is decided here. It works with this
/// project's library only. A host that has to work with any library uses HrCreateOfflineObj and
/// IMAPIOffline::SetCurrentState alone.

#include <mapioffline.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace offline_state {

/// @brief Outlook's side of one profile: owns its global offline object, toggles "Work Offline", and
/// sends notifications that a client must ignore.
/// @role A test or a demonstration uses it in place of Outlook.
/// @thread Any thread.
/// @lifetime Holds one reference on the object. Clients that hold references of their own keep the object
/// alive after the host is gone (CREATE-5).
/// @source Decided here. HOST-1.
class Host {
public:
    /// @brief Creates the profile's global object, or takes the one that exists.
    /// @param[in] profile_name The profile's name, null-terminated, 1 to 64 characters.
    /// @param[in] capabilities Which notifications the object can give (CAPS-1).
    /// @throws std::runtime_error HrCreateOfflineObj failed; the message has its result.
    /// @throws std::bad_alloc Not enough memory.
    /// @thread Any thread.
    /// @source Decided here. HOST-1.
    explicit Host(LPCWSTR profile_name,
                  ULONG capabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE);
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    /// @brief Returns the object that HrOpenOfflineObj gives.
    /// @return A borrowed pointer, valid while the host lives. A caller that keeps it longer calls `AddRef`.
    /// @thread Any thread.
    /// @source Decided here. HOST-1.
    IMAPIOfflineMgr* object() const;

    /// @brief Sets or clears "Work Offline": SetCurrentState on the object.
    /// @param[in] offline True for offline, false for online.
    /// @param[in] flags #MAPIOFFLINE_FLAG_BLOCK or #MAPIOFFLINE_FLAG_DEFAULT.
    /// @return What IMAPIOffline::SetCurrentState returns.
    /// @throws std::logic_error With BLOCK, on the thread that has created the object's ManualDispatcher, outside a
    ///   notification: it would wait for ever. The state does not change.
    /// @thread Any thread.
    /// @source Decided here. HOST-2.
    HRESULT work_offline(bool offline, ULONG flags = MAPIOFFLINE_FLAG_BLOCK);

    /// @brief Sends every registration on object() a notification that is not part of the API (NOTIFY-8).
    ///
    /// It is queued behind the changes under way. The state does not change.
    /// @param[in] type Any value.
    /// @param[in] mask Any value, but not #MAPIOFFLINE_STATE_OFFLINE_MASK together with one of the three
    ///   documented types: that would be a false report of a change.
    /// @retval S_OK Queued for the present registrations.
    /// @retval E_INVALIDARG `type` and `mask` are those of a change of state.
    /// @retval E_OUTOFMEMORY Not enough memory, or the notification thread cannot be started.
    /// @thread Any thread.
    /// @source Decided here. HOST-3.
    HRESULT send_other_notification(MAPIOFFLINE_NOTIFY_TYPE type, ULONG mask);

    /// @brief Returns when everything queued so far has been delivered.
    ///
    /// With a ManualDispatcher it delivers on the calling thread. On the notification thread it returns at once,
    /// since it would wait for itself.
    /// @throws std::bad_alloc Not enough memory.
    /// @throws std::system_error The notification thread is not yet running, and cannot be started.
    /// @thread Any thread.
    /// @source Decided here. HOST-4.
    void drain();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// @brief Delivers notifications when it is called, one phase at a time, on the caller's thread.
///
/// Objects that are created while it lives use it instead of the notification thread, so create it before
/// them. Only one may live at a time.
/// @role A test uses it in place of the notification thread.
/// @thread Call it from one thread at a time, best from the one that creates it. There SetCurrentState with BLOCK
/// starts nothing and returns `E_PENDING`, since it would wait for itself; the trace says so. On another thread it
/// returns when the change has been delivered.
/// @lifetime Its destructor delivers what is left.
/// @source Decided here. HOST-5.
class ManualDispatcher {
public:
    /// @throws std::logic_error Another one is alive.
    ManualDispatcher();
    ~ManualDispatcher();
    ManualDispatcher(const ManualDispatcher&) = delete;
    ManualDispatcher& operator=(const ManualDispatcher&) = delete;

    /// @brief Delivers the next phase of the oldest change to every registration of its object.
    /// @return False if there was nothing to deliver.
    /// @throws std::logic_error No object uses it, but there are objects that the notification thread serves: it was
    ///   created after them.
    /// @source Decided here. HOST-5.
    bool deliver_phase();

    /// @brief Delivers until nothing is left. This includes changes that the deliveries themselves start.
    /// @return The number of phases it has delivered.
    /// @throws std::logic_error As deliver_phase.
    /// @source Decided here. HOST-5.
    std::size_t deliver_all();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// @brief One line of the trace: a call that has returned, or a notification that is about to be sent.
/// @source Decided here. TRACE-1.
struct TraceEvent {
    /// The kinds of event.
    enum class Kind {
        /// A call of a function or method of the API, reported when it returns.
        call,
        /// A notification, reported before the client's Notify is called.
        notification,
        /// A client's function threw an exception, which was caught (NOTIFY-7).
        exception,
        /// A client's Notify has been running for longer than a NotifyTimeLimit allows (TRACE-4).
        overdue
    };
    /// What the event reports.
    Kind kind;
    /// The function, as documented: `IMAPIOfflineMgr::Advise`.
    const char* function;
    /// Its arguments: `name=value`, separated by spaces. Pointers are `null` or `set`, but a GUID is shown.
    std::string arguments;
    /// A call's result; the count that `AddRef` or `Release` returns; `E_PENDING` for an overdue Notify.
    HRESULT result;
    /// Why a call failed, or how long a Notify has been running, in words. Otherwise empty.
    std::string reason;
};

/// @brief What receives the trace.
///
/// Without a line of code, the environment variable `OFFLINE_STATE_TRACE` makes the library write the trace to standard
/// error (`stderr`) or to the end of a file (a path), as JSON if its name ends in `.jsonl` (TRACE-5).
/// @thread Called on the thread that makes the call or sends the notification, perhaps on several at once.
/// An overdue Notify is reported on the NotifyTimeLimit's thread.
/// @reentrancy It may call the API. Those calls are traced too.
/// @source Decided here. TRACE-1.
using TraceSink = std::function<void(const TraceEvent&)>;

/// @brief Installs the sink that receives every call and every notification of this process.
/// @param[in] sink The sink, or an empty function for none. An exception that it throws is dropped.
/// @thread Any thread. Calls under way may still use the previous sink.
/// @lifetime The library keeps a copy until the next call.
/// @source Decided here. TRACE-1, TRACE-2.
/// @throws std::bad_alloc Not enough memory; the previous sink stays.
void set_trace_sink(TraceSink sink);

/// @brief While it lives, the trace reports each Notify that runs too long.
///
/// A client that does not return from Notify holds everything up: all other notifications, blocking calls of
/// SetCurrentState, and calls of Unadvise for that client. This class reports which client it is. It does not
/// end the call, since nothing can end another module's function.
///
/// Only one may live at a time. Its thread exists, and time is measured, only while it lives.
/// @role A test or a host uses it to find a client that hangs.
/// @thread Any thread.
/// @lifetime The sink must not destroy it.
/// @source Decided here. TRACE-4.
class NotifyTimeLimit {
public:
    /// @param[in] limit How long a Notify may run before it is reported, once: more than 0 and at most a day.
    /// @throws std::invalid_argument The limit is out of this range.
    /// @throws std::logic_error Another one is alive.
    /// @throws std::system_error Its thread cannot be started.
    /// @source Decided here. TRACE-4.
    explicit NotifyTimeLimit(std::chrono::milliseconds limit);
    ~NotifyTimeLimit();
    NotifyTimeLimit(const NotifyTimeLimit&) = delete;
    NotifyTimeLimit& operator=(const NotifyTimeLimit&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace offline_state
