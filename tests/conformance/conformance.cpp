// Checks any library with the API's exports, statement by statement. The guide: how-to/check-a-library.
#include "check_process.h"
#include "platform.h"
#include "report.h"
#include "statement.h"

#include "monitor/program.h"
#include "specification/specification.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <iostream>
#include <regex>
#include <string>
#include <vector>

namespace conformance {

namespace {

enum ExitCode { all_holds = 0, does_not_hold = 1, wrong_option = 2, nothing_testable = 3 };

constexpr std::size_t longest_profile = 40; // tests append to it, and a profile's name has at most 64 characters

struct Options {
    Job job;
    std::vector<std::string> only;
    std::string junit;
    std::string json;
    bool list = false;
    bool strict = false;
};

std::string check_profile(const std::string& profile) {
    const auto wide = offline_state_samples::wide_from_utf8(profile);
    const bool will_do = wide && !wide->empty() && wide->size() <= longest_profile;
    return will_do ? std::string() : "a profile's name here is valid UTF-8 of 1 to 40 characters.";
}

std::string check_statement(const std::string& name) {
    for (const Statement& statement : statements()) {
        if (name == statement.id || name == area_of(statement.id)) {
            return "";
        }
    }
    return "there is no statement and no area " + name + " (--list shows them).";
}

bool is_wanted(const Options& options, const Statement& statement) {
    const auto names_it = [&](const std::string& name) {
        return name == statement.id || name == area_of(statement.id);
    };
    return options.only.empty() || std::any_of(options.only.begin(), options.only.end(), names_it);
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("--library", options.job.library, "The library to check")->type_name("PATH");
    app.add_option("--profile", options.job.profile, "The profile to use (default: Conformance)")
        ->type_name("NAME")
        ->check(CLI::Validator(check_profile, ""));
    app.add_option("--only", options.only, "Check only these statements or areas, as OPEN-3 or OPEN (may be repeated)")
        ->type_name("ID")
        ->check(CLI::Validator(check_statement, ""));
    app.add_flag("--strict", options.strict, "Exit with 1 also for what this reference alone has decided");
    app.add_option_function<unsigned>(
           "--limit", [&options](unsigned seconds) { options.job.limit = std::chrono::seconds(seconds); },
           "A test that takes longer than so many seconds fails (default: 10)")
        ->type_name("SECONDS")
        ->check(CLI::Validator(CLI::Range(1U, 3600U)).description(""));
    app.add_option("--junit", options.junit, "Write a report as JUnit XML")->type_name("FILE");
    app.add_option("--json", options.json, "Write a report as JSON, with each statement's text and its tests")
        ->type_name("FILE");
    app.add_flag("--list", options.list, "Print all statements, and what is looked at for each");
    app.allow_windows_style_options(false); // a path may begin with a slash
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.footer(
        "Exit codes: 0 all documented and observed statements that could be tested hold (with --strict the decided\n"
        "ones too), 1 at least one does not, 2 a wrong option or a report that cannot be written, 3 the library\n"
        "cannot be loaded or gives no object to test.");
}

int wrong(CLI::App& app, const std::string& sentence) {
    app.description({});
    std::cerr << "conformance: " << sentence << "\n\n" << app.help();
    return wrong_option;
}

/// A test's name as words: "WithBLOCKIsPending" as "with BLOCK is pending".
std::string as_words(const std::string& name) {
    static const std::regex word("((?:Advise|GetCapabilities|GetCurrentState|Notify|Outlook|QueryInterface|Unicode|"
                                 "SetCurrentState|Unadvise|Windows|[A-Z]{2,})(?![a-z]))|[A-Z][a-z]*|[a-z]+|[0-9]+");
    std::string words;
    for (std::sregex_iterator found(name.begin(), name.end(), word); found != std::sregex_iterator(); ++found) {
        std::string each = found->str();
        if (!(*found)[1].matched) { // else a name of the API, or capitals
            each[0] = static_cast<char>(std::tolower(each[0]));
        }
        words += (words.empty() ? "" : " ") + each;
    }
    return words;
}

/// Of all tests of the statement the first that fails counts; if none does, those that could be made.
Finding find_out(const Statement& statement, const std::function<Verdict(const std::string&)>& verdict_of) {
    const std::string reason = why_there_is_no_test(statement.id);
    Finding finding{&statement, {}, "", {not_testable, reason.empty() ? "there is no test of it yet" : reason}};
    for (const auto& promise : offline_state_specification::promises()) {
        const std::string named = promise.statement;
        if (named.substr(0, named.find('@')) != statement.id) {
            continue;
        }
        finding.tests.push_back(promise.suite + std::string(1, '.') + promise.name);
        const Verdict verdict = verdict_of(finding.tests.back());
        if (verdict.result == pass) {
            finding.looked_at += (finding.looked_at.empty() ? "" : "; ") + as_words(promise.name);
            finding.verdict = verdict;
        } else if (verdict.result == fail) {
            finding.verdict = {verdict.result, as_words(promise.name) + ": " + verdict.reason};
            break;
        } else if (finding.looked_at.empty()) {
            finding.verdict = verdict;
        }
    }
    return finding;
}

int list(const Options& options) {
    for (const Statement& statement : statements()) {
        if (is_wanted(options, statement)) {
            const auto nothing_is_run = [](const std::string&) { return Verdict{pass, ""}; };
            print(std::cout, find_out(statement, nothing_is_run), false);
        }
    }
    return all_holds;
}

/// False, with a message, when it cannot be written.
bool write(const std::string& file, const std::string& text) {
    if (file.empty()) {
        return true;
    }
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        std::cerr << "conformance: cannot write " << file << ".\n";
    }
    return static_cast<bool>(out);
}

int check(const Options& options, char** argv) {
    const Verdict first = check_in_a_process(argv, options.job, any_object);
    if (first.result == unloadable) {
        std::cerr << "conformance: cannot load " << options.job.library << ": " << first.reason << "\n";
        return nothing_testable;
    }
    Report report;
    report.library = options.job.library.substr(options.job.library.find_last_of("/\\") + 1);
    report.profile = options.job.profile;
    report.strict = options.strict;
    print_head(std::cout, report);
    for (const Statement& statement : statements()) {
        if (!is_wanted(options, statement)) {
            continue;
        }
        const Finding finding =
            find_out(statement, [&](const std::string& test) { return check_in_a_process(argv, options.job, test); });
        print(std::cout, finding, offline_state_samples::output_is_coloured());
        report.findings.push_back(finding);
    }
    print_summary(std::cout, report);
    if (!write(options.junit, as_junit(report)) || !write(options.json, as_json(report))) {
        return wrong_option;
    }
    if (first.result == not_testable) {
        std::cerr << "conformance: not testable: " << first.reason << "\n";
        return nothing_testable;
    }
    return has_failed(report) ? does_not_hold : all_holds;
}

int run(const std::vector<std::string>& arguments, char** argv) {
    Options options;
    CLI::App app("Checks a library that exports HrOpenOfflineObj and HrCreateOfflineObj, statement by statement.",
                 "conformance");
    add_options(app, options);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend())); // it takes them from the back
    } catch (const CLI::CallForHelp&) {
        std::cout << app.help();
        return all_holds;
    } catch (const CLI::ParseError& error) {
        return wrong(app, error.what());
    }
    if (const std::string test = test_to_run(); !test.empty()) {
        return run_test(options.job, test);
    }
    if (options.list) {
        return list(options);
    }
    if (options.job.library.empty()) {
        return wrong(app, "--library is missing.");
    }
    return check(options, argv);
}

} // namespace
} // namespace conformance

int main(int argc, char** argv) {
    offline_state_samples::prepare_standard_streams();
    try {
        return conformance::run(offline_state_samples::command_line(argc, argv), argv);
    } catch (const std::exception& problem) {
        std::cerr << "conformance: " << problem.what() << "\n";
        return conformance::nothing_testable;
    }
}
