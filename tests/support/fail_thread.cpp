#include "support/fail_thread.h"

#include <cerrno>

#include <pthread.h>

namespace {

thread_local bool failing = false;
thread_local int failed = 0;

} // namespace

// This program's pthread_create comes in the place of the one that it calls.
#ifdef _WIN32 // where nothing is found at run time, the linker does it (--wrap, in CMakeLists.txt)
#define OFFLINE_STATE_INTERPOSED __wrap_pthread_create
extern "C" decltype(pthread_create) __real_pthread_create;
extern "C" decltype(pthread_create) __wrap_pthread_create;
constexpr auto find_next = [] { return __real_pthread_create; };
#else
#include <dlfcn.h>
#define OFFLINE_STATE_INTERPOSED pthread_create
constexpr auto find_next = [] {
    void* const sanitizers = dlsym(RTLD_DEFAULT, "__interceptor_pthread_create");
    return reinterpret_cast<decltype(&pthread_create)>(sanitizers != nullptr ? sanitizers
                                                                             : dlsym(RTLD_NEXT, "pthread_create"));
};
#endif

// The names of the C library's parameters are its own.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int OFFLINE_STATE_INTERPOSED(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                                        void* argument) {
    if (failing) {
        ++failed;
        return EAGAIN;
    }
    static const auto next = find_next();
    return next(thread, attributes, start, argument);
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
