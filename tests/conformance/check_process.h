// One check in a process of its own: a library that crashes, hangs or ends the process fails this check and no other.
#pragma once

#include <chrono>
#include <string>

namespace conformance {

/// How a check has ended.
enum class Result { pass, fail, not_testable, unloadable };

struct Verdict {
    Result result;
    std::string reason; // "" when it has passed
};

/// What to check, and with what.
struct Job {
    std::string library;
    std::string profile; // in UTF-8
    std::chrono::seconds limit{10};
};

/// In the place of a statement's ID: only look whether the library can be loaded, and whether it has an object.
constexpr const char* any_object = "object";

/// The parent's part.
Verdict check_in_a_process(const char* argv0, const Job& job, const std::string& id);

/// The check's part: the whole of a process. The result is the exit code.
int run_check(const Job& job, const std::string& id, const std::string& channel);

/// The check of this statement's; null when there is none.
const struct Check* find_check(const std::string& id);

} // namespace conformance
