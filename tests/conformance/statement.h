// The statements of docs/statements.toml, in its order, and why some have no test.
#pragma once

#include <vector>

namespace conformance {

enum class Kind { documented, observed, decided };

struct Statement {
    const char* id;
    Kind kind;
    const char* text;
};

const std::vector<Statement>& statements();

const char* name_of(Kind kind);

/// Why no program that only calls the library can look at it; null where there is a test.
const char* why_there_is_no_test(const char* id);

} // namespace conformance
