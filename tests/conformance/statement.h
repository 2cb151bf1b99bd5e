// The statements of docs/statements.toml, in its order, and why some have no test.
#pragma once

#include <string>
#include <vector>

namespace conformance {

struct Statement {
    std::string id;
    std::string kind; // "documented", "observed" or "decided here"
    std::string text;
};

const std::vector<Statement>& statements();

/// What of a statement's ID is before the dash.
std::string area_of(const std::string& id);

/// Why no program that only calls the library can look at it; "" where there is a test.
std::string why_there_is_no_test(const std::string& id);

} // namespace conformance
