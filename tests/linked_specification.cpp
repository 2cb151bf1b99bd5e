// Gives the specification the functions of the reference, which is linked with it, and looks after each test whether
// anything is left behind: the reference promises that nothing is, other libraries need not.
#include "specification/specification.h"

namespace offline_state_specification {
namespace {

class NothingIsLeft final : public testing::EmptyTestEventListener {
    void OnTestEnd(const testing::TestInfo&) override {
        EXPECT_EQ(0, Recorder::alive()) << "a callback has leaked";
        EXPECT_EQ(0, Store::alive()) << "a store has leaked";
        for (const std::wstring& name : {profile(L""), profile(L" 2"), std::wstring(L"Profile")}) {
            EXPECT_FALSE(exists(name.c_str())) << "an object has leaked";
        }
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
