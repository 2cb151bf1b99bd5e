// Threads. None of them is joined, for the process may end while it runs; each may end inside a client's function.
#pragma once

#include "lifetime.h"
#include "platform.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace offline_state_worst {

/// Threads for whoever needs one. They live until the process ends.
class Crew {
public:
    /// On a thread of its own; on this one if there is none.
    void run(std::function<void()> task) {
        std::unique_lock lock(mutex_);
        tasks_.push_back(std::move(task));
        if (tasks_.size() > idle_) {
            try {
                keep_this_library_loaded();
                std::thread([this] { work(); }).detach();
            } catch (const std::system_error&) {
                task = std::move(tasks_.back());
                tasks_.pop_back();
                lock.unlock();
                task();
                return;
            }
        }
        changed_.notify_one();
    }

private:
    [[noreturn]] void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            ++idle_;
            changed_.wait(lock, [this] { return !tasks_.empty(); });
            --idle_;
            auto task = std::move(tasks_.back());
            tasks_.pop_back();
            lock.unlock();
            task();
            task = nullptr;
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::function<void()>> tasks_;
    std::size_t idle_ = 0;
};

/// Does things at the same time, and waits for them.
class Together {
public:
    explicit Together(Crew& crew) : crew_(crew) {}
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;
    ~Together() { wait(); }

    void run(std::function<void()> task) {
        add(1);
        crew_.run([this, task = std::move(task)] {
            const offline_state::AtEnd count_it{[this] { add(-1); }};
            task();
        });
    }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return running_ == 0; });
    }

private:
    void add(int change) {
        const std::lock_guard lock(mutex_); // held until everything here has been used
        running_ += change;
        changed_.notify_all();
    }

    Crew& crew_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int running_ = 0;
};

/// Does things one after the other, each not before its time, on a thread that lives until the process ends.
class Later {
public:
    /// @throws std::bad_alloc, std::system_error There is no memory or no thread for it.
    void post(std::chrono::milliseconds delay, std::function<void()> task) {
        const std::lock_guard lock(mutex_);
        const auto place = tasks_.emplace(std::chrono::steady_clock::now() + delay, std::move(task));
        try {
            start_thread();
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
    void start_thread() {
        if (!has_thread_) {
            keep_this_library_loaded();
            std::thread([this] {
                const offline_state::AtEnd replace_it{[this] { replace_thread(); }};
                run();
            }).detach();
            has_thread_ = true;
        }
    }

    /// The thread ends inside a client's function.
    void replace_thread() {
        const std::lock_guard lock(mutex_);
        has_thread_ = busy_ = false;
        try {
            start_thread();
        } catch (const std::system_error&) { // the next task starts one
        }
        changed_.notify_all();
    }

    void run() {
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
