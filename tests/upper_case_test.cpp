// Which letters are the same in a profile's name, against one golden file on every platform.
#include "profile_name.h"
#include "support/offline_state_test.h"

#include <cstdint>
#include <map>

namespace offline_state_tests {
namespace {

constexpr struct {
    std::uint16_t unit;
    std::uint16_t upper_case;
    std::uint16_t count;
    std::uint16_t step;
} golden[] = {
#include "upper_case.golden.inc"
};

TEST(UpperCase, IsThatOfTheGoldenFileForEachUnit) {
    PROVES("OPEN-6@ddef");
    std::map<std::uint32_t, std::uint32_t> expected;
    for (const auto& run : golden) {
        for (std::uint32_t i = 0; i < std::uint32_t{run.count} * run.step; i += run.step) {
            EXPECT_TRUE(expected.emplace(run.unit + i, run.upper_case + i).second);
        }
    }
    EXPECT_EQ(1163u, expected.size());
    // Where a wchar_t has four bytes there are more; none of them has an upper case here.
    for (std::uint32_t unit = 0; unit <= (sizeof(wchar_t) == 2 ? 0xFFFF : 0x10FFFF); ++unit) {
        const auto pair = expected.find(unit);
        const auto upper_case = static_cast<std::uint32_t>(offline_state::upper_case(static_cast<wchar_t>(unit)));
        ASSERT_EQ(pair != expected.end() ? pair->second : unit, upper_case) << std::hex << unit;
    }
}

} // namespace
} // namespace offline_state_tests
