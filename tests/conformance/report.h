// What has been found: on the console, as JUnit XML and as JSON.
#pragma once

#include "check_process.h"
#include "statement.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace conformance {

struct Finding {
    const Statement* statement;
    std::vector<std::string> tests; // "Suite.Name"; none where there is nothing to call
    std::string looked_at;          // by those that hold, in words
    Verdict verdict;
};

struct Report {
    std::string library; // the file's name
    std::string profile;
    bool strict = false;
    std::vector<Finding> findings;
};

/// A statement does not hold: one that is documented or observed, or with --strict any.
bool has_failed(const Report& report);

void print_head(std::ostream& out, const Report& report);
void print(std::ostream& out, const Finding& finding, bool coloured);
void print_summary(std::ostream& out, const Report& report);

std::string as_junit(const Report& report);
std::string as_json(const Report& report);

} // namespace conformance
