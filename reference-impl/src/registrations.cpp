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

ULONG Registrations::add(const ConnectionState* object, ComPtr<IMAPIOfflineNotify> callback, ULONG client_token) {
    const std::lock_guard lock(mutex_);
    if (last_token_ == std::numeric_limits<ULONG>::max()) {
        return 0;
    }
    by_token_.emplace_hint(by_token_.end(), last_token_ + 1, Registration{object, std::move(callback), client_token});
    return ++last_token_;
}

void Registrations::remove(const ConnectionState* object, ULONG token) {
    ComPtr<IMAPIOfflineNotify> callback; // released last, outside the lock: its destructor may call back
    std::unique_lock lock(mutex_);
    const auto registration = by_token_.find(token);
    if (registration != by_token_.end() && registration->second.object == object) {
        callback.Swap(registration->second.callback);
        by_token_.erase(registration);
    }
    wait_unless_running_here(lock, [&] { return running_.object != object || running_.token != token; });
    lock.unlock();
}

void Registrations::remove_all(const ConnectionState* object) {
    std::map<ULONG, Registration> removed;
    std::unique_lock lock(mutex_);
    for (auto each = by_token_.begin(); each != by_token_.end();) {
        const auto registration = each++;
        if (registration->second.object == object) {
            removed.insert(by_token_.extract(registration));
        }
    }
    wait_unless_running_here(lock, [&] { return running_.object != object; });
    lock.unlock();
}

ULONG Registrations::newest() const {
    const std::lock_guard lock(mutex_);
    return last_token_;
}

void Registrations::notify(MAPIOFFLINE_NOTIFY notification, const Audience& audience) {
    std::unique_lock lock(mutex_);
    running_on_ = std::this_thread::get_id();
    ULONG previous = 0;
    for (;;) {
        // Looked up anew each time: while a callback runs, anyone may add and remove registrations.
        const auto next = by_token_.upper_bound(previous);
        if (next == by_token_.end() || next->first > audience.newest) {
            return;
        }
        previous = next->first;
        if (audience.objects.count(next->second.object) == 0) {
            continue;
        }
        running_ = {next->second.object, next->first};
        notification.ulClientToken = next->second.client_token;
        ComPtr<IMAPIOfflineNotify> callback = next->second.callback; // it may remove itself while it runs
        lock.unlock();
        call(*callback.Get(), notification);
        callback.Reset();
        lock.lock();
        running_ = {};
        returned_.notify_all();
    }
}

template <class IsOver>
void Registrations::wait_unless_running_here(std::unique_lock<std::mutex>& lock, IsOver is_over) {
    if (running_on_ != std::this_thread::get_id()) {
        returned_.wait(lock, is_over);
    }
}

} // namespace offline_state
