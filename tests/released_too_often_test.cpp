// A client that releases an object too often. Only a debug build can tell: in the others the memory is someone else's.
#include "ended_object.h"

#include "support/faults.h"
#include "support/offline_state_test.h"

namespace offline_state_tests {
namespace {

using ReleasedTooOftenDeathTest = OfflineStateTest;

#if OFFLINE_STATE_KEEPS_ENDED_OBJECTS

TEST_F(ReleasedTooOftenDeathTest, IsCaughtAtTheNextCallOfAnybody) {
    FAULTS("client", 3);
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto release_too_often = [](auto call) {
        const auto host = std::make_unique<offline_state::Host>(L"Released too often");
        ComPtr<IMAPIOfflineMgr> opened;
        open(L"Released too often", opened);
        IMAPIOfflineMgr* const object = opened.Detach();
        object->Release();
        object->Release(); // the host's
        call(object);      // the first to notice, and perhaps not the one to blame
    };
    EXPECT_DEATH(release_too_often([](IMAPIOfflineMgr* object) { object->Release(); }),
                 "Release of an offline object whose last reference is gone");
    EXPECT_DEATH(release_too_often([](IMAPIOfflineMgr* object) { state_of(object); }),
                 "GetCurrentState of an offline object whose last reference is gone");
    EXPECT_DEATH(release_too_often([](IMAPIOfflineMgr*) {}), // the host's own Release, in its destructor
                 "Release of an offline object whose last reference is gone");
}

#else

TEST_F(ReleasedTooOftenDeathTest, IsNotLookedForHere) {
    GTEST_SKIP() << "in debug builds without AddressSanitizer, which finds it by itself";
}

#endif

} // namespace
} // namespace offline_state_tests
