// A child of fork has what its parent had in memory, but only the thread that has forked: no notification thread, and
// nobody who would unlock what another thread had locked.
#pragma once

namespace offline_state {

#ifdef _WIN32
constexpr bool is_child_of_fork() noexcept {
    return false;
}
#else
bool is_child_of_fork() noexcept;
#endif

} // namespace offline_state
