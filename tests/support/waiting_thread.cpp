#include "support/waiting_thread.h"

#include "support/interposed.h"

#include <chrono>
#include <utility>

namespace {

thread_local offline_state_tests::WaitingThread* this_thread = nullptr;

} // namespace

OFFLINE_STATE_INTERPOSES(pthread_cond_wait);

// The names of the C library's parameters are its own.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int OFFLINE_STATE_INTERPOSED(pthread_cond_wait)(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    // It holds the mutex until it sleeps: who wants to wake it finds it asleep.
    if (this_thread != nullptr && this_thread->fell_asleep(mutex)) {
        return 0;
    }
    return next_pthread_cond_wait(condition, mutex);
}

namespace offline_state_tests {

WaitingThread::WaitingThread(std::function<void()> body, Event* wakes_with)
    : wakes_with_(wakes_with), thread_([this, does = std::move(body)] {
          this_thread = this;
          does();
          end();
      }) {
}

WaitingThread::~WaitingThread() {
    join();
}

bool WaitingThread::falls_asleep() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [this] { return has_slept_ || has_ended_; }) && has_slept_;
}

void WaitingThread::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool WaitingThread::fell_asleep(pthread_mutex_t* mutex) {
    {
        const std::lock_guard lock(mutex_);
        has_slept_ = true;
        changed_.notify_all();
    }
    if (wakes_with_ != nullptr) {
        pthread_mutex_unlock(mutex);
        wakes_with_->wait();
        pthread_mutex_lock(mutex);
    }
    return wakes_with_ != nullptr;
}

void WaitingThread::end() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
}

} // namespace offline_state_tests
