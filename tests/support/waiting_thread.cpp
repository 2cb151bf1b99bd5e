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
    if (this_thread != nullptr) {
        this_thread->fell_asleep(); // it holds the mutex until it sleeps: who wants to wake it finds it asleep
    }
    return next_pthread_cond_wait(condition, mutex);
}

namespace offline_state_tests {

WaitingThread::WaitingThread(std::function<void()> body)
    : thread_([this, does = std::move(body)] {
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

void WaitingThread::fell_asleep() {
    const std::lock_guard lock(mutex_);
    has_slept_ = true;
    changed_.notify_all();
}

void WaitingThread::end() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    changed_.notify_all();
}

} // namespace offline_state_tests
