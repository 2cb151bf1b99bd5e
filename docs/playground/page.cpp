// What the page calls, in WebAssembly. Each instance plays one list or runs one sample, and is thrown away.
#include "player.h"

#ifdef PLAYGROUND_SAMPLES
#include <mapioffline_host.h>

#include <pthread.h>
#endif

#include <cstdio>
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

namespace {
offline_state::ManualDispatcher* dispatcher = nullptr;
} // namespace

/// There is one thread here. Who waits for another one, in a blocking SetCurrentState, delivers instead.
extern "C" int __wrap_pthread_cond_wait(pthread_cond_t*, pthread_mutex_t*) {
    if (dispatcher == nullptr || !dispatcher->deliver_phase()) {
        std::fputs("The program waits for what never comes.\n", stderr);
        __builtin_trap();
    }
    return 0;
}

/// Returns the sample's exit code.
extern "C" int run_sample(const char* wanted) {
    offline_state::ManualDispatcher own;
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
