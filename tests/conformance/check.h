// What a check is: one statement, and a function that ends by itself when the library keeps it.
#pragma once

#include <mapioffline.h>

#include <string>
#include <vector>

namespace conformance {

class Subject;

struct Check {
    const char* id;   // of the statement
    const char* what; // is looked at, in words
    void (*run)(const Subject& subject);
};

// Both end the process, which runs this one check: nothing is unwound that a library in disorder may still use, and a
// callback on a thread of the library's may call them too.

/// The library does not keep the statement.
[[noreturn]] void fail(const std::string& reason);

/// The check cannot be made with this library, in this process or on this platform.
[[noreturn]] void not_testable(const std::string& reason);

inline void expect(bool holds, const std::string& otherwise) {
    if (!holds) {
        fail(otherwise);
    }
}

/// "E_PENDING", or the number.
std::string name_of(HRESULT result);

void expect_result(const std::string& call, HRESULT expected, HRESULT actual);

// Each in a file of its own, in checks/.
std::vector<Check> about_checks();
std::vector<Check> advise_checks();
std::vector<Check> create_checks();
std::vector<Check> interface_checks();
std::vector<Check> notify_checks();
std::vector<Check> open_checks();
std::vector<Check> set_state_checks();
std::vector<Check> state_checks();
std::vector<Check> tree_checks();
std::vector<Check> type_checks();
std::vector<Check> unadvise_checks();

} // namespace conformance
