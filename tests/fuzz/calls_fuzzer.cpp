// The target "calls": bytes as calls of the API, compared with the model.
#include "player.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    offline_state_fuzz::play(data, size);
    return 0;
}
