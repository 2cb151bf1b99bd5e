#include "child_of_fork.h"

#ifndef _WIN32

#include <atomic>

#include <pthread.h>

namespace offline_state {
namespace {

std::atomic<bool> is_child{false};
[[maybe_unused]] const int watched = pthread_atfork(nullptr, nullptr, [] { is_child = true; });

} // namespace

bool is_child_of_fork() noexcept {
    return is_child.load(std::memory_order_relaxed);
}

} // namespace offline_state

#endif
