#include "check_process.h"

#include "client.h"

#include "monitor/utf8.h"

#include <array>
#include <cstdlib>
#include <exception>

namespace conformance {

namespace {

constexpr std::array<const char*, 4> words{"pass", "fail", "not testable", "unloadable"};

/// Where this process's verdict goes. Lives until the process ends, for the watchdog does too.
struct Reporter {
    std::string channel;
    std::mutex mutex;
    bool reported = false;

    void report(Result result, const std::string& reason) {
        const std::lock_guard lock(mutex);
        if (reported) {
            std::_Exit(1); // after the verdict: the process does not end by itself
        }
        reported = true;
        send_report(channel, words[static_cast<std::size_t>(result)] + ('\n' + reason));
    }
};

Reporter& reporter() {
    static Reporter& one = *new Reporter;
    return one;
}

[[noreturn]] void end(Result result, const std::string& reason) {
    reporter().report(result, reason);
    std::_Exit(0);
}

/// A thread that fails the check when its time is over.
void start_watchdog(std::chrono::seconds limit) {
    std::thread([limit] {
        std::this_thread::sleep_for(limit);
        const char* const call = current_call();
        fail((call != nullptr ? call + std::string(" has not returned") : "it has not come to an end") + " after " +
             std::to_string(limit.count()) + " s");
    }).detach();
}

} // namespace

void fail(const std::string& reason) {
    end(Result::fail, reason);
}

void not_testable(const std::string& reason) {
    end(Result::not_testable, reason);
}

const Check* find_check(const std::string& id) {
    static const std::vector<Check> all = [] {
        std::vector<Check> checks;
        for (const auto& area : {about_checks, type_checks, interface_checks, open_checks, create_checks, tree_checks,
                                 state_checks, set_state_checks, advise_checks, unadvise_checks, notify_checks}) {
            const std::vector<Check> more = area();
            checks.insert(checks.end(), more.begin(), more.end());
        }
        return checks;
    }();
    for (const Check& check : all) {
        if (check.id == id) {
            return &check;
        }
    }
    return nullptr;
}

Verdict check_in_a_process(const char* argv0, const Job& job, const std::string& id) {
    const Ending ending = run_this_program(argv0,
                                           {"--library=" + job.library, "--profile=" + job.profile,
                                            "--limit=" + std::to_string(job.limit.count()), "--run=" + id, "--channel"},
                                           job.limit * 2 + std::chrono::seconds(10)); // its watchdog is quicker
    const std::size_t line_end = ending.report.find('\n');
    for (std::size_t i = 0; line_end != std::string::npos && i < words.size(); ++i) {
        if (ending.report.compare(0, line_end, words[i]) == 0) {
            const auto result = static_cast<Result>(i);
            if (result == Result::pass && !ending.fault.empty()) {
                return {Result::fail, "all holds, but then the process " + ending.fault};
            }
            return {result, ending.report.substr(line_end + 1)};
        }
    }
    return {Result::fail, "the process " + (ending.fault.empty() ? "ended in the middle" : ending.fault)};
}

int run_check(const Job& job, const std::string& id, const std::string& channel) {
    reporter().channel = channel;
    cap() = std::chrono::milliseconds(job.limit) * 3 /
            4; // so that a wait tells what it has waited for, before the watchdog knows no more
    start_watchdog(job.limit);
    try {
        const Library library(job.library);
        const Subject subject(library, offline_state_samples::wide_from_utf8(job.profile).value_or(L""));
        if (id == any_object) {
            subject.object();
        } else {
            find_check(id)->run(subject);
        }
    } catch (const std::exception& problem) {
        end(Result::unloadable, problem.what());
    }
    reporter().report(Result::pass, "");
    return 0; // and not end(): sanitizers look once more when a process ends by itself
}

} // namespace conformance
