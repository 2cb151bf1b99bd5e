// Threads that make one call at a time, so that the input decides which thread makes which call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace offline_state_fuzz {

class CallingThread {
public:
    CallingThread() : thread_([this] { run(); }) {}

    ~CallingThread() {
        start(nullptr);
        thread_.join();
    }

    CallingThread(const CallingThread&) = delete;
    CallingThread& operator=(const CallingThread&) = delete;

    /// Makes the call; only when the one before has returned.
    void start(std::function<void()> call) {
        const std::lock_guard lock(mutex_);
        call_ = std::move(call);
        is_idle_ = false;
        changed_.notify_all();
    }

    /// Waits for the call to return; false when it has not within a time that is generous for any machine.
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), [this] { return is_idle_; });
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return !is_idle_; });
            const std::function<void()> call = std::move(call_);
            if (!call) {
                return;
            }
            lock.unlock();
            call();
            lock.lock();
            is_idle_ = true;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> call_;
    bool is_idle_ = true;
    std::thread thread_;
};

} // namespace offline_state_fuzz
