// What the documented pages say, as tests that reach a library through its two functions and nothing else: no host kit,
// no command line, no process of its own. They are linked with the reference, and with the program `conformance`, which
// loads any library. Each test is about one statement, so that a failure names the statement that does not hold.
#pragma once

#include "client.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace offline_state_specification {

/// What a test may do to the process that it runs in, for who runs it where somebody works: tests/recorder.
enum class Risk {
    reads,               // it asks, and changes nothing
    changes_the_state,   // it goes offline and comes back
    breaks_the_contract, // it passes what no page permits, such as null pointers: a library may crash
    may_deadlock,        // it calls something inside Notify that may wait for that Notify
    ends_the_process     // most libraries do not survive it: an exception in them, a method that nobody knows
};

/// Which statement a test is about.
struct Promise {
    const char* suite;
    const char* name;
    const char* statement; // its ID and the hash of its text, as tools/trace.py gives them: "OPEN-1@3f2a"
    Risk risk;
};

/// Of all tests in the program.
std::vector<Promise>& promises();

struct AddPromise {
    explicit AddPromise(const Promise& promise) { promises().push_back(promise); }
};

/// What the pages' test suites derive from. Each bears its page's name.
class Specification : public ::testing::Test {
protected:
    void SetUp() override;
};

/// GoogleTest's message without its line breaks and its first word; only our own words where there are some.
std::string in_one_line(std::string message);

testing::AssertionResult gives(const char* expected_text, const char* call, HRESULT expected, HRESULT actual);

} // namespace offline_state_specification

/// A test of one page's suite, about one statement. Its name says, read as words, what is looked at.
#define PROMISE(page, name, statement) PROMISE_THAT(changes_the_state, page, name, statement)

/// The same, with another risk.
#define PROMISE_THAT(risk, page, name, statement)                                                                      \
    static const AddPromise page##_##name##_promise({#page, #name, statement, Risk::risk});                            \
    TEST_F(page, name)

/// That a call gives a result. In a failure the call is named as it is written here.
#define EXPECT_RESULT(expected, call) EXPECT_PRED_FORMAT2(gives, expected, call)
#define ASSERT_RESULT(expected, call) ASSERT_PRED_FORMAT2(gives, expected, call)
