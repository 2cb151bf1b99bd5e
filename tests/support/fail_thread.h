// Makes the start of a thread fail, to see what becomes of it.
#pragma once

namespace offline_state_tests {

/// While it lives, this thread cannot start another one: std::thread throws std::system_error.
class FailThread {
public:
    FailThread();
    ~FailThread();
    FailThread(const FailThread&) = delete;
    FailThread& operator=(const FailThread&) = delete;

    /// How many starts have failed since the last FailThread began.
    static int failures();
};

} // namespace offline_state_tests
