#include "report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <map>
#include <ostream>
#include <sstream>

namespace conformance {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* decided = "decided here";
constexpr const char* differs = "differs"; // a statement does not hold that this reference alone has decided
constexpr const char* kinds[] = {"documented", "observed", decided};
constexpr const char* words[] = {pass, fail, differs, not_testable};

/// A path and a name may be anything: what is not UTF-8 is replaced.
std::string dump(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// A text as an attribute's value: no library for five characters.
std::string escaped(const std::string& text) {
    static const std::map<char, std::string> names{{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    std::string result;
    for (const char c : Json::parse(dump(text)).get<std::string>()) {
        const auto name = names.find(c);
        const char allowed = static_cast<unsigned char>(c) < 0x20 ? ' ' : c; // XML has no other control characters
        result += name != names.end() ? name->second : std::string(1, allowed);
    }
    return result;
}

std::string word_of(const Finding& finding) {
    return finding.verdict.result == fail && finding.statement->kind == decided ? differs : finding.verdict.result;
}

/// How many findings have this word, of this kind.
auto count(const Report& report, const std::string& kind, const std::string& word) {
    return std::count_if(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
        return finding.statement->kind == kind && word == word_of(finding);
    });
}

bool counts_as_failure(const Report& report, const Finding& finding) {
    return word_of(finding) == fail || (report.strict && word_of(finding) == differs);
}

} // namespace

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
    const char* const colour = word == pass      ? "\x1b[32m"  // green
                               : word == fail    ? "\x1b[31m"  // red
                               : word == differs ? "\x1b[33m"  // yellow
                                                 : "\x1b[90m"; // grey
    out << std::left << (coloured ? colour : "") << std::setw(14) << word << (coloured ? "\x1b[0m" : "")
        << std::setw(14) << finding.statement->id << std::setw(14) << finding.statement->kind
        << (word == pass ? finding.looked_at : finding.verdict.reason) << '\n'
        << std::flush;
}

void print_summary(std::ostream& out, const Report& report) {
    out << '\n' << std::left << std::setw(14) << "";
    for (const char* const word : words) {
        out << std::right << std::setw(14) << word;
    }
    out << '\n';
    for (const char* const kind : kinds) {
        out << std::left << std::setw(14) << kind;
        for (const char* const word : words) {
            out << std::right << std::setw(14) << count(report, kind, word);
        }
        out << '\n';
    }
    out << '\n';
    bool all_hold = true;
    const auto list = [&](const char* const word, const char* const sentence) {
        std::string ids;
        for (const Finding& finding : report.findings) {
            ids += word_of(finding) == word ? (ids.empty() ? "" : ", ") + finding.statement->id : "";
        }
        out << (ids.empty() ? "" : sentence + ids + ".\n");
        all_hold = all_hold && ids.empty();
    };
    list(fail, "Does not hold, though documented or observed: ");
    list(differs, "Differs where this reference alone has decided: ");
    out << (all_hold ? "All that could be tested holds.\n" : "");
}

std::string as_junit(const Report& report) {
    std::ostringstream cases;
    std::size_t failures = 0;
    std::size_t skipped = 0;
    for (const Finding& finding : report.findings) {
        const bool failed = counts_as_failure(report, finding);
        const bool passed = finding.verdict.result == pass;
        failures += failed ? 1 : 0;
        skipped += !failed && !passed ? 1 : 0;
        cases << "  <testcase classname=\"" << finding.statement->kind << "\" name=\"" << finding.statement->id
              << "\">";
        if (!passed) {
            cases << '<' << (failed ? "failure" : "skipped") << " message=\""
                  << escaped(word_of(finding) + ": " + finding.verdict.reason) << "\"/>";
        }
        cases << "</testcase>\n";
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
    for (const char* const kind : kinds) {
        Json counts = Json::object();
        for (const char* const word : words) {
            counts[word] = count(report, kind, word);
        }
        summary[kind] = counts;
    }
    Json findings = Json::array();
    for (const Finding& finding : report.findings) {
        findings.push_back({{"statement", finding.statement->id},
                            {"kind", finding.statement->kind},
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
