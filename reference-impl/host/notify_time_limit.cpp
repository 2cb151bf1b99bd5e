// The host kit: tells of a client whose Notify does not return.
#include "client_calls.h"

#include <mapioffline_host.h>

#include <stdexcept>
#include <thread>

namespace offline_state {

struct NotifyTimeLimit::Impl {
    explicit Impl(std::chrono::milliseconds allowed) : limit(allowed) {}

    const std::chrono::milliseconds limit;
    bool is_ending = false; // guarded by the list's mutex
    std::thread thread;

    void watch() {
        RunningNotifies& all = running_notifies();
        std::unique_lock lock(all.mutex);
        while (!is_ending) {
            RunningNotify* oldest = nullptr;
            for (RunningNotify* each = all.newest; each != nullptr; each = each->next) { // the oldest is the last one
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
                lock.unlock(); // the sink may do anything, and the call may return meanwhile
                report(token, notification);
                lock.lock();
            }
        }
    }

    void report(ULONG token, const MAPIOFFLINE_NOTIFY& notification) const {
        try {
            const std::string reason = "has been running for " + std::to_string(limit.count()) + " ms";
            trace(TraceEvent::Kind::overdue, "IMAPIOfflineNotify::Notify",
                  text_of(Argument{"registration", token},
                          Argument{"NotifyType", static_cast<std::uint32_t>(notification.NotifyType)},
                          Argument{"ulClientToken", notification.ulClientToken}),
                  {E_PENDING, reason.c_str()});
        } catch (const std::bad_alloc&) { // no memory for the text
        }
    }
};

NotifyTimeLimit::NotifyTimeLimit(std::chrono::milliseconds limit) {
    if (limit <= std::chrono::milliseconds::zero() || limit > std::chrono::hours(24)) {
        throw std::invalid_argument("a time limit is longer than nothing and not longer than a day");
    }
    impl_ = std::make_unique<Impl>(limit);
    RunningNotifies& all = running_notifies();
    const std::lock_guard lock(all.mutex); // the thread waits until this is done
    if (are_notifies_timed) {
        throw std::logic_error("another NotifyTimeLimit is alive");
    }
    impl_->thread = std::thread([impl = impl_.get()] { impl->watch(); });
    are_notifies_timed = true;
}

NotifyTimeLimit::~NotifyTimeLimit() {
    RunningNotifies& all = running_notifies();
    {
        const std::lock_guard lock(all.mutex);
        impl_->is_ending = true;
    }
    all.changed.notify_all();
    impl_->thread.join();
    are_notifies_timed = false;
}

} // namespace offline_state
