// One test in a process of its own: a library that crashes, hangs or ends the process fails this test and no other.
#pragma once

#include <chrono>
#include <string>

namespace conformance {

// How a test may end, in the words of the reports.
constexpr const char* pass = "pass";
constexpr const char* fail = "fail";
constexpr const char* not_testable = "not testable";
constexpr const char* unloadable = "unloadable";

struct Verdict {
    std::string result;
    std::string reason; // "" when it has passed
};

/// What to check, and with what.
struct Job {
    std::string library;
    std::string profile = "Conformance"; // in UTF-8
    std::chrono::seconds limit{10};
};

/// A test of no statement: whether the library can be loaded, and whether it has an object.
constexpr const char* any_object = "LibraryUnderTest.HasAnObject";

/// The parent's part.
Verdict check_in_a_process(char** argv, const Job& job, const std::string& test);

/// The test's part: the whole of a process. The result is the exit code.
int run_test(const Job& job, const std::string& test);

} // namespace conformance
