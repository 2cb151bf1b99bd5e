// All that differs between the platforms: libraries, and processes of this same program.
#pragma once

#include <chrono>
#include <string>
#include <vector>

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

/// Runs this program once more and waits for it: it is killed after `limit`. What it prints goes to standard error.
Ending run_this_program(const char* argv0, std::vector<std::string> arguments, std::chrono::seconds limit);

/// To the process that has started this one; `channel` is the argument that run_this_program has added.
void send_report(const std::string& channel, const std::string& report);

} // namespace conformance
