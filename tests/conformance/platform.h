// All that differs between the platforms: libraries, and processes of this same program.
#pragma once

#include <chrono>
#include <string>

namespace conformance {

/// A library that stays loaded until the process ends, for a thread of its own may run in it.
class Library {
public:
    /// Throws std::runtime_error with the system's reason.
    explicit Library(const std::string& path);

    /// The address of an exported function, or null.
    void* find(const char* name) const;

private:
    void* handle_;
};

/// How a process of this program has ended.
struct Ending {
    std::string report; // what it has sent with send_report
    std::string fault;  // "" when it ended by itself with 0; else how it ended: "was ended by signal 11 (...)"
};

/// Runs this program once more with the same command line and this test, and waits for it.
Ending run_this_program(char** argv, const std::string& test, std::chrono::seconds limit);

/// The test that this process has to run; "" when a user has started it.
std::string test_to_run();

/// In a process for one test: what it prints goes to standard error, and it is killed after `limit`.
void prepare_process(std::chrono::seconds limit);

/// To the process that has started this one, once.
void send_report(const std::string& report);

} // namespace conformance
