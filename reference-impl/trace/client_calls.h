// How the functions of a client's are called: whatever they throw ends here and is traced (NOTIFY-7), and a thread that
// ends inside one may end (NOTIFY-10).
#pragma once

#include "trace.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace offline_state {

constexpr Outcome client_has_thrown{E_FAIL, "an exception has left the client's function"};

/// Calls a function of IUnknown's. False when an exception has left it.
template <class Call>
bool call_client(const char* function, Call call) {
    const bool returned = contain(call);
    if (!returned) {
        trace(TraceEvent::Kind::exception, function, {}, client_has_thrown);
    }
    return returned;
}

/// Holds one reference. Unlike ComPtr it lets a thread end inside the last Release, and nothing else leave that.
template <class Interface>
class Held {
public:
    Held() = default;
    explicit Held(Interface* taken_over) noexcept : object_(taken_over) {}
    Held(Held&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Held& operator=(const Held&) = delete;

    ~Held() noexcept(false) { // NOLINT(bugprone-unsafe-to-allow-exceptions): only a thread that ends leaves it so
        if (object_ != nullptr) {
            call_client("IUnknown::Release", [this] { object_->Release(); });
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

/// The client's callback, or nothing if the client does not give it (ADVISE-3.1).
Callback callback_of(IUnknown& client);

/// Whether the calls of Notify that run are to be listed: while the host kit's NotifyTimeLimit looks at them.
inline std::atomic<bool> are_notifies_timed{false};

/// A call of Notify that runs.
struct RunningNotify {
    const ULONG token;
    const MAPIOFFLINE_NOTIFY notification;
    const std::chrono::steady_clock::time_point since;
    // Guarded by the list's mutex:
    bool is_reported = false;
    RunningNotify* next = nullptr;
};

struct RunningNotifies {
    std::mutex mutex;
    std::condition_variable changed;
    RunningNotify* newest = nullptr;
};

/// The process's. The first call allocates, so it is whoever sets a limit that makes it.
RunningNotifies& running_notifies();

/// Calls Notify.
inline void call_notify(IMAPIOfflineNotify& callback, const MAPIOFFLINE_NOTIFY& notification) {
    if (is_tracing()) { // asked each time: a Notify may install a sink
        trace_notification(TraceEvent::Kind::notification, notification, {});
    }
    if (!contain([&] { callback.Notify(&notification); })) {
        trace_notification(TraceEvent::Kind::exception, notification, client_has_thrown);
    }
}

/// The same, listed while it runs.
/// @param token The registration's.
void call_listed_notify(IMAPIOfflineNotify& callback, ULONG token, const MAPIOFFLINE_NOTIFY& notification);

} // namespace offline_state
