#include "specification.h"

#include <cstring>
#include <sstream>

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

} // namespace offline_state_specification
