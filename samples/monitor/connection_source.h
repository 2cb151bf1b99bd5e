// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace offline_state_samples {

/// Brings work to the main thread. Other threads share it, and some of them still run when main() returns.
class MainLoop {
public:
    /// Does the work, on this thread, until stop(). It may throw.
    void run() {
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            event_.wait(lock, [this] { return stopped_ || !work_.empty(); });
            if (stopped_) {
                return;
            }
            const std::function<void()> next = std::move(work_.front());
            work_.pop_front();
            lock.unlock();
            next();
            lock.lock();
        }
    }

    void post(std::function<void()> work) {
        const std::lock_guard<std::mutex> lock(mutex_);
        work_.push_back(std::move(work));
        event_.notify_one();
    }

    /// Lets run() return, even if it begins later. Work that has not begun is dropped.
    void stop() {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopped_ = true;
        event_.notify_one();
    }

private:
    std::mutex mutex_; // guards what follows
    std::condition_variable event_;
    std::deque<std::function<void()>> work_;
    bool stopped_ = false;
};

/// Called with the first state at once, and in the loop after each change.
using OnChange = std::function<void(bool online)>;

/// Reads `offline`, `online` and `quit` from standard input once the loop runs. Starts online.
void follow_keyboard(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change);

/// While the result lives, Ctrl-C and other requests to end stop the loop. Follows this machine's connection too if
/// `on_change` can be called.
std::shared_ptr<void> follow_system(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change);

} // namespace offline_state_samples
