// A thread that makes a call which has to wait, and a test that goes on only when it does.
#pragma once

#include "support/event.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <pthread.h>

namespace offline_state_tests {

/// A second thread need not have begun when the first goes on, and a test in which it begins too late passes whatever
/// the library does. This one says when it sleeps on a condition variable.
class WaitingThread {
public:
    /// Starts it.
    /// @param wakes_with If there is one: where the thread sleeps on a condition variable, whoever wakes it, it does
    /// not
    ///   wake before this is set. (It wakes then without a reason, as a condition variable may.)
    explicit WaitingThread(std::function<void()> body, Event* wakes_with = nullptr);

    /// Joins it.
    ~WaitingThread();

    WaitingThread(const WaitingThread&) = delete;
    WaitingThread& operator=(const WaitingThread&) = delete;

    /// Waits until the thread sleeps inside its call, and until nothing but a wake can go before what the test does
    /// next. False when it has ended instead. Waits with a limit of time, such as Event's, do not count.
    bool falls_asleep();

    void join();

    /// For pthread_cond_wait. True if it has slept.
    bool fell_asleep(pthread_mutex_t* mutex);

private:
    void end();

    Event* const wakes_with_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool has_slept_ = false;
    bool has_ended_ = false;
    std::thread thread_;
};

} // namespace offline_state_tests
