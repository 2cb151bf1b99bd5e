#include "registrations.h"

#include "trace.h"

#include <limits>
#include <utility>

namespace offline_state {

using Microsoft::WRL::ComPtr;

namespace {

std::string describe(const MAPIOFFLINE_NOTIFY& notification) {
    return arguments(argument("NotifyType", static_cast<std::uint32_t>(notification.NotifyType)),
                     argument("ulClientToken", notification.ulClientToken),
                     argument("ulMask", notification.Info.StateChange.ulMask),
                     argument("ulStateOld", notification.Info.StateChange.ulStateOld),
                     argument("ulStateNew", notification.Info.StateChange.ulStateNew));
}

void trace_notification(TraceEvent::Kind kind, const MAPIOFFLINE_NOTIFY& notification, Outcome outcome) {
    if (is_tracing()) {
        try {
            trace(kind, "IMAPIOfflineNotify::Notify", describe(notification), outcome);
        } catch (const std::bad_alloc&) { // no memory for the text: the client is told all the same
        }
    }
}

void call(IMAPIOfflineNotify& callback, const MAPIOFFLINE_NOTIFY& notification) {
    trace_notification(TraceEvent::Kind::notification, notification, {});
    try {
        callback.Notify(&notification);
    } catch (...) { // NOTIFY-7
        trace_notification(TraceEvent::Kind::exception, notification, {E_FAIL, "an exception has left Notify"});
    }
}

} // namespace

ULONG Registrations::add(ComPtr<IMAPIOfflineNotify> callback, ULONG client_token) {
    const std::lock_guard lock(mutex_);
    if (last_token_ == std::numeric_limits<ULONG>::max()) {
        return 0;
    }
    by_token_.emplace_hint(by_token_.end(), last_token_ + 1, Registration{std::move(callback), client_token});
    return ++last_token_;
}

void Registrations::remove(ULONG token) {
    ComPtr<IMAPIOfflineNotify> callback; // released last, outside the lock: its destructor may call back
    std::unique_lock lock(mutex_);
    const auto registration = by_token_.find(token);
    if (registration != by_token_.end()) {
        callback.Swap(registration->second.callback);
        by_token_.erase(registration);
    }
    wait_until_not_running(lock, token);
    lock.unlock();
}

void Registrations::remove_all() {
    std::map<ULONG, Registration> removed;
    std::unique_lock lock(mutex_);
    removed.swap(by_token_);
    wait_until_not_running(lock, running_);
    lock.unlock();
}

ULONG Registrations::newest() const {
    const std::lock_guard lock(mutex_);
    return last_token_;
}

void Registrations::notify(MAPIOFFLINE_NOTIFY notification, ULONG newest) {
    std::unique_lock lock(mutex_);
    running_on_ = std::this_thread::get_id();
    ULONG previous = 0;
    for (;;) {
        // Looked up anew each time: while a callback runs, anyone may add and remove registrations.
        const auto next = by_token_.upper_bound(previous);
        if (next == by_token_.end() || next->first > newest) {
            return;
        }
        previous = running_ = next->first;
        notification.ulClientToken = next->second.client_token;
        ComPtr<IMAPIOfflineNotify> callback = next->second.callback; // it may remove itself while it runs
        lock.unlock();
        call(*callback.Get(), notification);
        callback.Reset();
        lock.lock();
        running_ = 0;
        returned_.notify_all();
    }
}

void Registrations::wait_until_not_running(std::unique_lock<std::mutex>& lock, ULONG token) {
    const bool running_here = running_on_ == std::this_thread::get_id();
    if (token != 0 && !running_here) {
        returned_.wait(lock, [this, token] { return running_ != token; });
    }
}

} // namespace offline_state
