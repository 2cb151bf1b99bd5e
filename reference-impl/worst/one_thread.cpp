// What platform.cpp has, for one_thread.h: WebAssembly can protect no memory, and has no other libraries.
#include "platform.h"

namespace offline_state_worst {

void* readable_page() noexcept {
    return nullptr;
}

void make_unreadable(void*) noexcept {
}

bool reference_is_loaded() noexcept {
    return false;
}

void keep_this_library_loaded() noexcept {
}

} // namespace offline_state_worst
