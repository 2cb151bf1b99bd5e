#include "check_process.h"

#include "platform.h"

#include "monitor/program.h"
#include "specification/specification.h"

#include <cstdlib>
#include <exception>

namespace conformance {

namespace {

const Library* loaded = nullptr;

std::chrono::seconds longest(const Job& job) {
    return job.limit * 4 + std::chrono::seconds(10); // the watchdog is quicker
}

/// Once: the watchdog runs until the process ends, and a failure may come from several threads.
void report(const char* result, const std::string& reason) {
    static std::mutex& mutex = *new std::mutex;
    static bool reported = false;
    const std::lock_guard lock(mutex);
    if (reported) {
        std::_Exit(1); // after the verdict: the process does not end by itself
    }
    reported = true;
    send_report(result + ('\n' + reason));
}

[[noreturn]] void end(const char* result, const std::string& reason) {
    report(result, reason);
    std::_Exit(0);
}

/// Ends the process at the first failure, on whichever thread: nothing is unwound that a faulty library may still use.
class FirstFailure final : public testing::EmptyTestEventListener {
    void OnTestPartResult(const testing::TestPartResult& result) override {
        if (result.failed() || result.skipped()) {
            end(result.failed() ? fail : not_testable, offline_state_specification::in_one_line(result.message()));
        }
    }
};

/// A thread that fails the test when the call that it is in, or else the whole of it, takes too long.
void start_watchdog(std::chrono::seconds limit) {
    std::thread([limit] {
        for (;;) {
            const auto call = offline_state_specification::current_call();
            const auto due = call.begun + limit;
            if (std::chrono::steady_clock::now() >= due) {
                end(fail, (call.name != nullptr ? call.name + std::string(" has not returned")
                                                : "it has not come to an end") +
                              " after " + std::to_string(limit.count()) + " s");
            }
            std::this_thread::sleep_until(due); // then another call may be the one that hangs
        }
    }).detach();
}

template <class Function>
Function* find(const char* name, const char* decorated_name) {
    void* const address = loaded->find(name);
    return reinterpret_cast<Function*>(address != nullptr ? address : loaded->find(decorated_name)); // x86
}

} // namespace

Verdict check_in_a_process(char** argv, const Job& job, const std::string& test) {
    const Ending ending = run_this_program(argv, test, longest(job));
    const std::size_t line_end = ending.report.find('\n');
    if (line_end == std::string::npos) {
        return {fail, "the process " + (ending.fault.empty() ? "ended in the middle" : ending.fault)};
    }
    Verdict verdict{ending.report.substr(0, line_end), ending.report.substr(line_end + 1)};
    if (verdict.result == pass && !ending.fault.empty()) {
        return {fail, "all holds, but then the process " + ending.fault};
    }
    return verdict;
}

int run_test(const Job& job, const std::string& test) {
    prepare_process(longest(job));
    try {
        loaded = new Library(job.library);
    } catch (const std::exception& problem) {
        end(unloadable, problem.what());
    }
    auto& subject = offline_state_specification::library();
    subject.open = find<HROPENOFFLINEOBJ>("HrOpenOfflineObj", "HrOpenOfflineObj@20");
    subject.create = find<HRCREATEOFFLINEOBJ>("HrCreateOfflineObj", "HrCreateOfflineObj@12");
    subject.profile = offline_state_samples::wide_from_utf8(job.profile).value_or(L"");
    subject.cap = std::chrono::milliseconds(job.limit) * 3 / 4; // a wait says more than the watchdog, so it is shorter
    subject.sends_others = true;
    if (subject.open == nullptr) {
        end(not_testable, "the library does not export HrOpenOfflineObj");
    }
    testing::InitGoogleTest();
    GTEST_FLAG_SET(filter, test);
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FirstFailure);
    start_watchdog(job.limit);
    if (RUN_ALL_TESTS() != 0 || testing::UnitTest::GetInstance()->test_to_run_count() != 1) {
        end(fail, "the test has not been run");
    }
    report(pass, "");
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
    EXPECT_TRUE(library().open != nullptr) << "there is no export HrOpenOfflineObj and no HrOpenOfflineObj@20";
#else
    GTEST_SKIP() << "about the exports of a DLL, and this is not Windows";
#endif
}

} // namespace
} // namespace offline_state_specification
