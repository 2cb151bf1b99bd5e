// Threads. None of them is joined, for the process may end while it runs.
#pragma once

#include "platform.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace offline_state_worst {

/// Does things at the same time.
class Threads {
public:
    /// On a thread of its own; on this one if there is none.
    template <class Function>
    void run(Function function) {
        const auto one_more = [state = state_](int change) {
            const std::lock_guard lock(state->mutex);
            state->running += change;
            state->changed.notify_all();
        };
        one_more(1);
        try {
            std::thread([one_more, function] {
                function();
                one_more(-1);
            }).detach();
        } catch (const std::system_error&) {
            one_more(-1);
            function();
        }
    }

    void wait() {
        std::unique_lock lock(state_->mutex);
        state_->changed.wait(lock, [this] { return state_->running == 0; });
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        int running = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Does things one after the other, each not before its time, on a thread that lives until the process ends.
class Later {
public:
    /// @throws std::bad_alloc, std::system_error There is no memory or no thread for it.
    void post(std::chrono::milliseconds delay, std::function<void()> task) {
        const std::lock_guard lock(mutex_);
        const auto place = tasks_.emplace(std::chrono::steady_clock::now() + delay, std::move(task));
        try {
            if (!has_thread_) {
                keep_this_library_loaded();
                std::thread([this] { run(); }).detach();
                has_thread_ = true;
            }
        } catch (...) {
            tasks_.erase(place);
            throw;
        }
        changed_.notify_all();
    }

    /// Waits until nothing is left. True when it had to wait.
    bool settle() {
        std::unique_lock lock(mutex_);
        const bool was_busy = busy_ || !tasks_.empty();
        changed_.wait(lock, [this] { return !busy_ && tasks_.empty(); });
        return was_busy;
    }

private:
    [[noreturn]] void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (tasks_.empty()) {
                changed_.wait(lock);
            } else if (const auto due = tasks_.begin()->first; due > std::chrono::steady_clock::now()) {
                changed_.wait_until(lock, due);
            } else {
                auto task = std::move(tasks_.begin()->second);
                tasks_.erase(tasks_.begin());
                busy_ = true;
                lock.unlock();
                task();
                task = nullptr; // what it holds may call a client too
                lock.lock();
                busy_ = false;
                changed_.notify_all();
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> tasks_;
    bool has_thread_ = false;
    bool busy_ = false;
};

} // namespace offline_state_worst
