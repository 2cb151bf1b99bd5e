#include "support/fail_thread.h"

#include "support/interposed.h"

#include <cerrno>

namespace {

thread_local bool failing = false;
thread_local int failed = 0;

} // namespace

OFFLINE_STATE_INTERPOSES(pthread_create);

// The names of the C library's parameters are its own.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int OFFLINE_STATE_INTERPOSED(pthread_create)(pthread_t* thread, const pthread_attr_t* attributes,
                                                        void* (*start)(void*), void* argument) {
    if (failing) {
        ++failed;
        return EAGAIN;
    }
    return next_pthread_create(thread, attributes, start, argument);
}

namespace offline_state_tests {

FailThread::FailThread() {
    failing = true;
    failed = 0;
}

FailThread::~FailThread() {
    failing = false;
}

int FailThread::failures() {
    return failed;
}

} // namespace offline_state_tests
