// Makes an allocation of this thread fail, to see what becomes of it.
#pragma once

#include <cstddef>

namespace offline_state_tests {

/// While it lives, the allocation number `successes` + 1 of this thread, and each one after it, throws std::bad_alloc.
class FailAllocation {
public:
    explicit FailAllocation(std::size_t successes);
    ~FailAllocation();
    FailAllocation(const FailAllocation&) = delete;
    FailAllocation& operator=(const FailAllocation&) = delete;

    /// True when an allocation has failed.
    static bool has_failed();
};

} // namespace offline_state_tests
