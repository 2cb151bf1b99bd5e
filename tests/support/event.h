// Something that happens once, on any thread, and that a test can wait for without sleeping.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace offline_state_tests {

class Event {
public:
    void set() {
        const std::lock_guard lock(mutex_);
        is_set_ = true;
        changed_.notify_all();
    }

    /// False when it has not happened within a time that is generous for any machine: the test has failed.
    bool wait(std::chrono::milliseconds longest = std::chrono::seconds(60)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, longest, [this] { return is_set_; });
    }

    bool is_set() const {
        const std::lock_guard lock(mutex_);
        return is_set_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool is_set_ = false;
};

} // namespace offline_state_tests
