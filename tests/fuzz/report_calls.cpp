// Prints at the end of a fuzzer how many calls there were, for tools/fuzz.py.
#include "player.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace {

const int registered =
    std::atexit([] { std::fprintf(stderr, "calls played: %" PRIu64 "\n", offline_state_fuzz::calls_played()); });

} // namespace
