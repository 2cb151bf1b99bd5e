#include "specification.h"

#include <cstring>

namespace offline_state_specification {

std::vector<Promise>& promises() {
    static std::vector<Promise> all;
    return all;
}

void Specification::SetUp() {
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    for (const Promise& promise : promises()) {
        if (std::strcmp(promise.suite, test.test_suite_name()) == 0 && std::strcmp(promise.name, test.name()) == 0) {
            RecordProperty("statements", promise.statement);
        }
    }
}

testing::AssertionResult gives(const char*, const char* call, HRESULT expected, HRESULT actual) {
    if (actual == expected) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << call << " gives " << name_of(actual) << ", not " << name_of(expected);
}

} // namespace offline_state_specification
