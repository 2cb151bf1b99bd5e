// What the page calls, in WebAssembly. Each instance plays one list or runs one sample, and is thrown away.
#include "player.h"

#ifdef PLAYGROUND_SAMPLES
#include <mapioffline_host.h>

#include <pthread.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" const char* play(const char* list, const char* title) {
    static std::string result; // lives until the page has read it
    result = playground::play(list, title);
    return result.c_str();
}

#ifdef PLAYGROUND_SAMPLES
// Each sample is compiled with its main under another name, and otherwise as it is.
#define SAMPLE(name) int name##_main();
#include PLAYGROUND_SAMPLES
#undef SAMPLE

// There is one thread here, and the library shall believe in a second one, which delivers. Who waits for that, in a
// blocking SetCurrentState, does its work instead. The linker puts these functions in the place of the system's.
namespace {
offline_state::ManualDispatcher* dispatcher = nullptr;
bool is_second_thread = false;
} // namespace

extern "C" pthread_t __real_pthread_self();
extern "C" pthread_t __wrap_pthread_self() {
    static char second = 0;
    return is_second_thread ? reinterpret_cast<pthread_t>(&second) : __real_pthread_self();
}

extern "C" int __wrap_pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*) {
    is_second_thread = true;
    const bool has_delivered = dispatcher != nullptr && dispatcher->deliver_phase();
    is_second_thread = false;
    if (!has_delivered) {
        std::fputs("The program waits for what never comes.\n", stderr);
        __builtin_trap();
    }
    return 0;
}

/// A page has no environment. emscripten's library declares this function and lacks it.
extern "C" char* secure_getenv(const char*) {
    return nullptr;
}

/// Returns the sample's exit code.
extern "C" int run_sample(const char* wanted) {
    is_second_thread = true;
    offline_state::ManualDispatcher own;
    is_second_thread = false;
    dispatcher = &own;
#define SAMPLE(name)                                                                                                   \
    if (std::strcmp(wanted, #name) == 0) {                                                                             \
        return name##_main();                                                                                          \
    }
#include PLAYGROUND_SAMPLES
#undef SAMPLE
    std::fprintf(stderr, "There is no sample %s.\n", wanted);
    return 2;
}
#endif
