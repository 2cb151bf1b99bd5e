// The host kit: reports a client whose Notify does not return.
#include "client_calls.h"
#include "lifetime.h"

#include <mapioffline_host.h>

#include <cstdio>
#include <stdexcept>
#include <thread>

namespace offline_state {

struct NotifyTimeLimit::Impl {
    explicit Impl(std::chrono::milliseconds allowed) : limit(allowed) {}

    const std::chrono::milliseconds limit;
    bool is_ending = false; // guarded by the list's mutex
    std::thread thread;

    void watch() {
        RunningNotifies& all = process_wide<RunningNotifies>();
        std::unique_lock lock(all.mutex);
        while (!is_ending) {
            RunningNotify* oldest = nullptr;
            for (RunningNotify* each = all.newest; each != nullptr; each = each->next) { // the last one is the oldest
                if (!each->is_reported) {
                    oldest = each;
                }
            }
            if (oldest == nullptr) {
                all.changed.wait(lock);
            } else if (const auto due = oldest->since + limit; std::chrono::steady_clock::now() < due) {
                all.changed.wait_until(lock, due);
            } else {
                oldest->is_reported = true;
                const ULONG token = oldest->token;
                const MAPIOFFLINE_NOTIFY notification = oldest->notification;
                lock.unlock(); // the sink may do anything; the call may return before it does
                report(token, notification);
                lock.lock();
            }
        }
    }

    void report(ULONG token, const MAPIOFFLINE_NOTIFY& notification) const {
        char reason[64];
        std::snprintf(reason, sizeof reason, "has been running for %lld ms", static_cast<long long>(limit.count()));
        trace(TraceEvent::Kind::overdue, "IMAPIOfflineNotify::Notify",
              text_of({"registration", "NotifyType", "ulClientToken"}, token, notification.NotifyType,
                      notification.ulClientToken),
              {E_PENDING, reason});
    }
};

NotifyTimeLimit::NotifyTimeLimit(std::chrono::milliseconds limit) {
    if (limit <= std::chrono::milliseconds::zero() || limit > std::chrono::hours(24)) {
        throw std::invalid_argument("the time limit must be more than 0 and at most a day");
    }
    impl_ = std::make_unique<Impl>(limit);
    RunningNotifies& all = process_wide<RunningNotifies>();
    const std::lock_guard lock(all.mutex); // holds the thread up until this is done
    if (are_notifies_timed) {
        throw std::logic_error("another NotifyTimeLimit is alive");
    }
    impl_->thread = std::thread([impl = impl_.get()] { impl->watch(); });
    are_notifies_timed = true;
}

NotifyTimeLimit::~NotifyTimeLimit() {
    RunningNotifies& all = process_wide<RunningNotifies>();
    {
        const std::lock_guard lock(all.mutex);
        impl_->is_ending = true;
    }
    all.changed.notify_all();
    impl_->thread.join();
    are_notifies_timed = false;
}

} // namespace offline_state
