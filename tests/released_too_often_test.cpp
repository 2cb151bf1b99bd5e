// A client that releases an object too often. Only a debug build can tell: in the others the memory is someone else's.
#include "ended_object.h"

#include "support/faults.h"
#include "support/offline_state_test.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

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
    const std::pair<const char*, std::function<void(IMAPIOfflineMgr*)>> others[] = {
        {"QueryInterface", [](auto* object) { object->QueryInterface(IID_IMAPIOffline, nullptr); }},
        {"AddRef", [](auto* object) { object->AddRef(); }},
        {"SetCurrentState", [](auto* object) { object->SetCurrentState(0, 0, 0, nullptr); }},
        {"GetCapabilities", [](auto* object) { object->GetCapabilities(nullptr); }},
        {"a placeholder", [](auto* object) { object->Placeholder6(); }},
        {"Advise", [](auto* object) { object->Advise(0, nullptr, nullptr); }},
        {"Unadvise", [](auto* object) { object->Unadvise(0, 0); }},
        {"a placeholder", [](auto* object) { object->Placeholder9(); }},
        {"a placeholder", [](auto* object) { object->Placeholder10(); }},
        {"a placeholder", [](auto* object) { object->Placeholder11(); }},
        {"a placeholder", [](auto* object) { object->Placeholder12(); }},
        {"a placeholder", [](auto* object) { object->Placeholder13(); }},
        {"a placeholder", [](auto* object) { object->Placeholder14(); }},
        {"a placeholder", [](auto* object) { object->Placeholder15(); }},
    };
    for (const auto& [name, call] : others) {
        EXPECT_DEATH(release_too_often(call), name + std::string(" of an offline object whose last reference is gone"));
    }
    EXPECT_DEATH(release_too_often([](IMAPIOfflineMgr*) {}), // the host's own Release, in its destructor
                 "Release of an offline object whose last reference is gone");
}

TEST_F(ReleasedTooOftenDeathTest, IsCaughtWhileTheObjectEnds) {
    FAULTS("client", 1);
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    struct ReleasesWhenDestroyed {
        IMAPIOfflineMgr* object;
        ~ReleasesWhenDestroyed() { object->Release(); }
    };
    const auto release_too_often = [] {
        const offline_state::Host host(L"Released too often");
        const std::shared_ptr<ReleasesWhenDestroyed> held(new ReleasesWhenDestroyed{host.object()});
        advise(host.object(), FakeNotify::create([held](const MAPIOFFLINE_NOTIFY&) {}).Get());
    };
    EXPECT_DEATH(release_too_often(), "Release of an offline object whose last reference is gone");
}

#else

TEST_F(ReleasedTooOftenDeathTest, IsNotLookedForHere) {
    GTEST_SKIP() << "in debug builds without AddressSanitizer, which finds it by itself";
}

#endif

} // namespace
} // namespace offline_state_tests
