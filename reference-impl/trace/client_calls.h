// Every call of a client's function goes through here. An exception that it throws ends here and is traced (NOTIFY-7);
// a thread that it ends may end (NOTIFY-10).
#pragma once

#include "trace.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace offline_state {

constexpr Outcome client_threw{E_FAIL, "the client's function threw an exception"};

/// Calls one of IUnknown's functions. Gives `otherwise` if that throws an exception.
template <class Result, class Call>
inline Result call_client(const char* function, Result otherwise, Call call) {
    Result result = otherwise;
    if (!contain([&] { result = call(); })) {
        trace(TraceEvent::Kind::exception, function, {}, client_threw);
    }
    return result;
}

/// Holds one reference. Unlike ComPtr it lets a client's Release end the thread, and contains its exceptions.
template <class Interface>
class Held {
public:
    Held() = default;
    explicit Held(Interface* taken_over) noexcept : object_(taken_over) {}
    Held(Held&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Held& operator=(const Held&) = delete;

    ~Held() noexcept(false) { // NOLINT(bugprone-unsafe-to-allow-exceptions): only an ending thread leaves it so
        if (object_ != nullptr) {
            call_client("IUnknown::Release", ULONG{0}, [this] { return object_->Release(); });
        }
    }

    void swap(Held& other) noexcept { std::swap(object_, other.object_); }

    Interface* get() const noexcept { return object_; }
    Interface* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    Interface* object_ = nullptr;
};

using Callback = Held<IMAPIOfflineNotify>;

/// The client's callback; null if the client does not give one (ADVISE-3.1).
Callback callback_of(IUnknown& client);

/// Calls Notify.
inline void call_notify(IMAPIOfflineNotify& callback, const MAPIOFFLINE_NOTIFY& notification) {
    if (is_tracing()) { // read for each call, since a Notify may install a sink
        trace_notification(TraceEvent::Kind::notification, notification, {});
    }
    if (!contain([&] { callback.Notify(&notification); })) {
        trace_notification(TraceEvent::Kind::exception, notification, client_threw);
    }
}

/// Whether running calls of Notify are listed: while the host kit's NotifyTimeLimit watches them.
inline std::atomic<bool> are_notifies_timed{false};

/// A running call of Notify.
struct RunningNotify {
    const ULONG token;
    const MAPIOFFLINE_NOTIFY notification;
    const std::chrono::steady_clock::time_point since;
    // Guarded by the list's mutex:
    RunningNotify* next = nullptr;
    bool is_reported = false;
};

/// The process's list of them. Creating it allocates memory; NotifyTimeLimit does that before a call is listed.
struct RunningNotifies {
    std::mutex mutex;
    std::condition_variable changed;
    RunningNotify* newest = nullptr;
};

/// Calls Notify, and lists the call while it runs.
/// @param token The registration's.
void call_listed_notify(IMAPIOfflineNotify& callback, ULONG token, const MAPIOFFLINE_NOTIFY& notification);

} // namespace offline_state
