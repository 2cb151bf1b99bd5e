// What threads.h has, where there is one thread: in a page (docs/playground). What another thread would do happens at
// once, or when offline_state_worst_settle() is called.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <utility>

namespace offline_state_worst {

struct Crew {};

class Together {
public:
    explicit Together(Crew&) {}
    void run(const std::function<void()>& task) { task(); }
};

class Later {
public:
    /// Time does not pass here: the delay says only what comes before what.
    void post(std::chrono::milliseconds delay, std::function<void()> task) {
        tasks_.emplace(std::pair(settled_, delay), std::move(task));
    }

    /// True when something was left to do.
    bool settle() {
        const bool was_busy = !tasks_.empty();
        while (!tasks_.empty()) {
            const auto task = std::move(tasks_.begin()->second);
            tasks_.erase(tasks_.begin());
            ++settled_; // what this one posts comes behind what has been posted
            task();
        }
        return was_busy;
    }

private:
    std::multimap<std::pair<std::size_t, std::chrono::milliseconds>, std::function<void()>> tasks_;
    std::size_t settled_ = 0;
};

} // namespace offline_state_worst
