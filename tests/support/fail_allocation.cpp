#include "support/fail_allocation.h"

#include <cstdlib>
#include <new>

namespace {

thread_local bool failing = false;
thread_local bool failed = false;
thread_local std::size_t left = 0;

void* allocate(std::size_t size) {
    if (failing && left-- == 0) {
        left = 0; // the next one fails too
        failed = true;
        throw std::bad_alloc();
    }
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}

void* allocate_or_null(std::size_t size) noexcept {
    try {
        return allocate(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

} // namespace

// Every form but those with an alignment: AddressSanitizer adds its own for each that is missing, and the two cannot be
// mixed.
void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate_or_null(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return allocate_or_null(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}

namespace offline_state_tests {

FailAllocation::FailAllocation(std::size_t successes) {
    failing = true;
    failed = false;
    left = successes;
}

FailAllocation::~FailAllocation() {
    failing = false;
}

bool FailAllocation::has_failed() {
    return failed;
}

} // namespace offline_state_tests
