#include "support/fail_thread.h"

#include <cerrno>
#include <pthread.h>

namespace {

thread_local bool failing = false;
thread_local int failed = 0;

using Start = void* (*)(void*);

} // namespace

// This one is found before the C library's. On Windows nothing is found at run time: there the linker is told to put
// it in the other one's place (--wrap, in CMakeLists.txt).
#ifdef _WIN32
extern "C" int __real_pthread_create(pthread_t*, const pthread_attr_t*, Start,
                                     void*); // NOLINT(bugprone-reserved-identifier)
#define OFFLINE_STATE_PTHREAD_CREATE __wrap_pthread_create
namespace {
constexpr auto next_pthread_create = __real_pthread_create;
}
#else
#include <dlfcn.h>
#define OFFLINE_STATE_PTHREAD_CREATE pthread_create
namespace {
int next_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, Start start, void* argument) {
    using Create = int (*)(pthread_t*, const pthread_attr_t*, Start, void*);
    static const auto next = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    return next(thread, attributes, start, argument);
}
} // namespace
#endif

// The names of the C library's parameters are its own.
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
extern "C" int OFFLINE_STATE_PTHREAD_CREATE(pthread_t* thread, const pthread_attr_t* attributes, Start start,
                                            void* argument) {
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
