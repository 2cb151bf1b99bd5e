#include "check_process.h"

#include "platform.h"

#include "monitor/program.h"
#include "specification/specification.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sstream>

namespace conformance {

namespace {

const Library* loaded = nullptr;

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

/// GoogleTest's message without its line breaks and its first word; where we say what is wrong, that alone.
std::string in_one_line(std::string message) {
    for (const char* const before_ours : {"\nExpected: true\n", "\nExpected: false\n"}) {
        const std::size_t at = message.find(before_ours);
        message.erase(0, at == std::string::npos ? 0 : at + std::strlen(before_ours));
    }
    std::istringstream in(message);
    std::string line;
    for (std::string word; in >> word;) {
        if (!line.empty() || (word != "Failed" && word != "Skipped")) {
            line += (line.empty() ? "" : " ") + word;
        }
    }
    return line;
}

/// Ends the process at the first failure, whichever thread it is on: nothing is unwound that a library in disorder may
/// still use.
class FirstFailure final : public testing::EmptyTestEventListener {
    void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed() || result.skipped()) {
            end(result.failed() ? Result::fail : Result::not_testable, in_one_line(result.message()));
        }
    }
};

/// A thread that fails the test when the call that it is in, or else the whole of it, takes too long.
void start_watchdog(std::chrono::seconds limit) {
    std::thread([limit] {
        for (;;) {
            const auto call = offline_state_specification::current_call();
            const auto left = call.begun + limit - std::chrono::steady_clock::now();
            if (left.count() <= 0) {
                end(Result::fail, (call.name != nullptr ? call.name + std::string(" has not returned")
                                                        : "it has not come to an end") +
                                      " after " + std::to_string(limit.count()) + " s");
            }
            std::this_thread::sleep_for(left);
        }
    }).detach();
}

template <class Function>
Function* find(const char* name, const char* decorated_name) {
    void* address = loaded->find(name);
    if (address == nullptr) {
        address = loaded->find(decorated_name); // x86
    }
    return reinterpret_cast<Function*>(address);
}

} // namespace

Verdict check_in_a_process(const char* argv0, const Job& job, const std::string& test) {
    const Ending ending =
        run_this_program(argv0,
                         {"--library=" + job.library, "--profile=" + job.profile,
                          "--limit=" + std::to_string(job.limit.count()), "--run=" + test, "--channel"},
                         job.limit * 4 + std::chrono::seconds(10)); // its watchdog is quicker
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

int run_test(const Job& job, const std::string& test, const std::string& channel) {
    reporter().channel = channel;
    try {
        static const Library library(job.library);
        loaded = &library;
    } catch (const std::exception& problem) {
        end(Result::unloadable, problem.what());
    }
    auto& subject = offline_state_specification::library();
    subject.open = find<HROPENOFFLINEOBJ>("HrOpenOfflineObj", "HrOpenOfflineObj@20");
    subject.create = find<HRCREATEOFFLINEOBJ>("HrCreateOfflineObj", "HrCreateOfflineObj@12");
    subject.profile = offline_state_samples::wide_from_utf8(job.profile).value_or(L"");
    subject.cap = std::chrono::milliseconds(job.limit) * 3 / 4; // a wait tells more than the watchdog, so it is shorter
    if (subject.open == nullptr) {
        end(Result::not_testable, "the library does not export HrOpenOfflineObj");
    }
    testing::InitGoogleTest();
    GTEST_FLAG_SET(filter, test);
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FirstFailure);
    start_watchdog(job.limit);
    if (RUN_ALL_TESTS() != 0 || testing::UnitTest::GetInstance()->test_to_run_count() != 1) {
        end(Result::fail, "the test has not been run");
    }
    reporter().report(Result::pass, "");
    return 0; // and not end(): sanitizers look once more when a process ends by itself
}

} // namespace conformance

namespace offline_state_specification {
namespace {

using LibraryUnderTest = Specification;

TEST_F(LibraryUnderTest, HasAnObject) {
    any_object();
}

PROMISE(LibraryUnderTest, TheExportHasOneOfTheTwoNamesThatClientsAskFor, "OPEN-5@fd35") {
#ifdef _WIN32
    EXPECT_TRUE(conformance::loaded->find("HrOpenOfflineObj") != nullptr ||
                conformance::loaded->find("HrOpenOfflineObj@20") != nullptr)
        << "there is no export HrOpenOfflineObj and no HrOpenOfflineObj@20";
#else
    GTEST_SKIP() << "about the exports of a DLL, and this is not Windows";
#endif
}

} // namespace
} // namespace offline_state_specification
