#include "report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace conformance {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kinds{Kind::documented, Kind::observed, Kind::decided};
constexpr std::array<const char*, 4> words{"pass", "fail", "differs", "not testable"};

/// For a path and a name may be anything: what is not UTF-8 is replaced.
std::string dump(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// A text as an attribute's value: no library for five characters.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : Json::parse(dump(text)).get<std::string>()) {
        switch (c) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c; // XML has no other control characters
        }
    }
    return result;
}

std::string ids_with(const Report& report, const std::string& word) {
    std::string ids;
    for (const Finding& finding : report.findings) {
        if (word == word_of(finding)) {
            ids += (ids.empty() ? "" : ", ") + std::string(finding.statement->id);
        }
    }
    return ids;
}

bool counts_as_failure(const Report& report, const Finding& finding) {
    return finding.verdict.result == Result::fail && (report.strict || finding.statement->kind != Kind::decided);
}

} // namespace

const char* word_of(const Finding& finding) {
    switch (finding.verdict.result) {
    case Result::pass:
        return "pass";
    case Result::fail:
        return finding.statement->kind == Kind::decided ? "differs" : "fail";
    default:
        return "not testable";
    }
}

std::size_t count(const Report& report, Kind kind, const std::string& word) {
    std::size_t number = 0;
    for (const Finding& finding : report.findings) {
        number += finding.statement->kind == kind && word == word_of(finding) ? 1 : 0;
    }
    return number;
}

bool has_failed(const Report& report) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&report](const Finding& finding) { return counts_as_failure(report, finding); });
}

void print_head(std::ostream& out, const Report& report) {
    out << "Offline State API: " << report.library << ", profile " << report.profile << "\n\n"
        << std::left << std::setw(14) << "result" << std::setw(14) << "statement" << std::setw(14) << "kind"
        << "what was looked at, or what is wrong\n";
}

void print(std::ostream& out, const Finding& finding, bool coloured) {
    const std::string word = word_of(finding);
    std::ostringstream column;
    column << std::left << std::setw(14) << word;
    const char* const colour = word == "pass"      ? "\x1b[32m"  // green
                               : word == "fail"    ? "\x1b[31m"  // red
                               : word == "differs" ? "\x1b[33m"  // yellow
                                                   : "\x1b[90m"; // grey
    out << (coloured ? colour + column.str() + "\x1b[0m" : column.str()) << std::left << std::setw(14)
        << finding.statement->id << std::setw(14) << name_of(finding.statement->kind)
        << (word == "pass" ? finding.looked_at : finding.verdict.reason) << '\n'
        << std::flush;
}

void print_summary(std::ostream& out, const Report& report) {
    out << '\n' << std::left << std::setw(14) << "";
    for (const char* const word : words) {
        out << std::right << std::setw(14) << word;
    }
    out << '\n';
    for (const Kind kind : kinds) {
        out << std::left << std::setw(14) << name_of(kind);
        for (const char* const word : words) {
            out << std::right << std::setw(14) << count(report, kind, word);
        }
        out << '\n';
    }
    out << '\n';
    const std::string failed = ids_with(report, "fail");
    const std::string differing = ids_with(report, "differs");
    if (!failed.empty()) {
        out << "Does not hold, though documented or observed: " << failed << ".\n";
    }
    if (!differing.empty()) {
        out << "Differs where this reference alone has decided: " << differing << ".\n";
    }
    if (failed.empty() && differing.empty()) {
        out << "All that could be tested holds.\n";
    }
}

std::string as_junit(const Report& report) {
    std::ostringstream cases;
    std::size_t failures = 0;
    std::size_t skipped = 0;
    for (const Finding& finding : report.findings) {
        const bool failed = counts_as_failure(report, finding);
        const bool passed = finding.verdict.result == Result::pass;
        failures += failed ? 1 : 0;
        skipped += !failed && !passed ? 1 : 0;
        cases << "  <testcase classname=\"" << name_of(finding.statement->kind) << "\" name=\"" << finding.statement->id
              << '"';
        if (passed) {
            cases << "/>\n";
        } else {
            cases << "><" << (failed ? "failure" : "skipped") << " message=\""
                  << escaped(word_of(finding) + (": " + finding.verdict.reason)) << "\"/></testcase>\n";
        }
    }
    std::ostringstream xml;
    xml << R"(<?xml version="1.0" encoding="UTF-8"?>)" << '\n'
        << "<testsuite name=\"" << escaped(report.library) << "\" tests=\"" << report.findings.size()
        << "\" failures=\"" << failures << R"(" errors="0" skipped=")" << skipped << "\">\n"
        << cases.str() << "</testsuite>\n";
    return xml.str();
}

std::string as_json(const Report& report) {
    Json summary = Json::object();
    for (const Kind kind : kinds) {
        Json counts = Json::object();
        for (const char* const word : words) {
            counts[word] = count(report, kind, word);
        }
        summary[name_of(kind)] = counts;
    }
    Json findings = Json::array();
    for (const Finding& finding : report.findings) {
        findings.push_back({{"statement", finding.statement->id},
                            {"kind", name_of(finding.statement->kind)},
                            {"result", word_of(finding)},
                            {"reason", finding.verdict.reason},
                            {"looked_at", finding.looked_at},
                            {"tests", finding.tests},
                            {"text", finding.statement->text}});
    }
    return dump({{"library", report.library},
                 {"profile", report.profile},
                 {"strict", report.strict},
                 {"holds", !has_failed(report)},
                 {"summary", summary},
                 {"statements", findings}},
                1) +
           '\n';
}

} // namespace conformance
