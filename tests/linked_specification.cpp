// The specification, with the reference linked to it: which functions it calls, and that nothing is left behind, which
// the reference promises as no other library need.
#include "specification/specification.h"

namespace offline_state_specification {
namespace {

class NothingIsLeft final : public testing::EmptyTestEventListener {
    void OnTestEnd(const testing::TestInfo&) override {
        EXPECT_EQ(0, Recorder::alive()) << "a callback has leaked";
        EXPECT_FALSE(exists(profile())) << "an object has leaked";
        EXPECT_FALSE(exists(profile(L" 2").c_str())) << "an object has leaked";
    }
};

[[maybe_unused]] const bool is_linked = [] {
    library().open = HrOpenOfflineObj;
    library().create = HrCreateOfflineObj;
    testing::UnitTest::GetInstance()->listeners().Append(new NothingIsLeft);
    return true;
}();

} // namespace
} // namespace offline_state_specification
