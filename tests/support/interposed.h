// The test program defines a function of pthread's itself, and calls the one in whose place it stands.
//
//     OFFLINE_STATE_INTERPOSES(pthread_create);
//     extern "C" int OFFLINE_STATE_INTERPOSED(pthread_create)(…) { … return next_pthread_create(…); }
#pragma once

#include <pthread.h>

#ifdef _WIN32

// On Windows nothing is found at run time: the linker puts one in the other's place (--wrap, in CMakeLists.txt).
#define OFFLINE_STATE_INTERPOSES(function)                                                                             \
    extern "C" decltype(function) __real_##function;                                                                   \
    namespace {                                                                                                        \
    constexpr auto next_##function = __real_##function;                                                                \
    }                                                                                                                  \
    extern "C" decltype(function) __wrap_##function
#define OFFLINE_STATE_INTERPOSED(function) __wrap_##function

#else

#include <dlfcn.h>

namespace offline_state_tests {

/// The one that a sanitizer puts in its place, else the C library's. glibc may have an older one under the same name,
/// which has another idea of a condition variable, and before glibc 2.36 dlsym gives that one.
inline void* next_function(const char* of_a_sanitizer, const char* name) {
    void* next = dlsym(RTLD_DEFAULT, of_a_sanitizer);
#ifdef __GLIBC__
    next = next != nullptr ? next : dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
#endif
    return next != nullptr ? next : dlsym(RTLD_NEXT, name);
}

} // namespace offline_state_tests

#define OFFLINE_STATE_INTERPOSES(function)                                                                             \
    namespace {                                                                                                        \
    template <class... Arguments>                                                                                      \
    auto next_##function(Arguments... arguments) {                                                                     \
        static const auto next = reinterpret_cast<decltype(&(function))>(                                              \
            offline_state_tests::next_function("__interceptor_" #function, #function));                                \
        return next(arguments...);                                                                                     \
    }                                                                                                                  \
    }                                                                                                                  \
    static_assert(true)
#define OFFLINE_STATE_INTERPOSED(function) function

#endif
