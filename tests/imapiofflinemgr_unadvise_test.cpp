// The page "IMAPIOfflineMgr::Unadvise".
#include "support/offline_state_test.h"
#include "support/waiting_thread.h"

#include <atomic>

namespace offline_state_tests {
namespace {

class IMAPIOfflineMgrUnadvise : public OfflineStateTest {
protected:
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

TEST_F(IMAPIOfflineMgrUnadvise, AlwaysReturnsOk) {
    PROVES("UNADVISE-1@37c9 UNADVISE-1.1@31d0");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    const ULONG other = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, 0));
    EXPECT_EQ(S_OK, object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, 12345));
    EXPECT_EQ(S_OK, object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, 0xFFFFFFFF));
    EXPECT_EQ(3u, callback->references());
    EXPECT_EQ(S_OK, object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token));
    EXPECT_EQ(S_OK, object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token));
    EXPECT_EQ(2u, callback->references());
    EXPECT_EQ(S_OK, object_->Unadvise(0xFFFFFFFF, other)); // the flags are not looked at
    EXPECT_EQ(1u, callback->references());
}

TEST_F(IMAPIOfflineMgrUnadvise, ReleasesTheCallbackAndEndsItsNotifications) {
    PROVES("UNADVISE-2@2b77 UNADVISE-3@83fa ABOUT-4@d01f");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, unadvise(object_, token));
    EXPECT_EQ(1u, callback->references());
    host_.work_offline(true);
    EXPECT_EQ(0u, callback->notifications().size());
}

TEST_F(IMAPIOfflineMgrUnadvise, OfAnotherObjectsTokenDoesNothing) {
    PROVES("UNADVISE-1.1@31d0");
    const offline_state::Host other(L"Other");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, unadvise(other.object(), token));
    EXPECT_EQ(2u, callback->references());
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineMgrUnadvise, OnAnotherThreadWaitsForARunningNotify) {
    PROVES("UNADVISE-3@83fa");
    Event in_notify;
    Event go_on;
    const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        in_notify.set();
        EXPECT_TRUE(go_on.wait());
    });
    const ULONG token = advise(object_, callback.Get());
    ASSERT_EQ(S_OK, set_state(object_, MAPIOFFLINE_STATE_OFFLINE));
    ASSERT_TRUE(in_notify.wait());

    const auto unadvises = [&] { EXPECT_EQ(S_OK, unadvise(object_, token)); };
    WaitingThread first(unadvises);
    EXPECT_TRUE(first.falls_asleep());
    WaitingThread second(unadvises); // the token is used up already; the promise holds all the same
    EXPECT_TRUE(second.falls_asleep());
    go_on.set();
    first.join();
    second.join();
    const std::size_t so_far = callback->notifications().size();
    host_.drain();
    EXPECT_EQ(so_far, callback->notifications().size());
    EXPECT_EQ(1u, callback->references());
}

TEST_F(IMAPIOfflineMgrUnadvise, OfAnotherRegistrationDoesNotWait) {
    PROVES("UNADVISE-3@83fa");
    Event in_notify;
    Event go_on;
    const ComPtr<FakeNotify> slow = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        in_notify.set();
        EXPECT_TRUE(go_on.wait());
    });
    const ComPtr<FakeNotify> next = FakeNotify::create();
    const ULONG slow_token = advise(object_, slow.Get());
    const ULONG next_token = advise(object_, next.Get());
    ASSERT_EQ(S_OK, set_state(object_, MAPIOFFLINE_STATE_OFFLINE));
    ASSERT_TRUE(in_notify.wait());
    EXPECT_EQ(S_OK, unadvise(object_, next_token)); // would wait for ever
    EXPECT_EQ(1u, next->references());
    go_on.set();
    host_.drain();
    EXPECT_EQ(0u, next->notifications().size());
    unadvise(object_, slow_token);
}

TEST_F(IMAPIOfflineMgrUnadvise, InsideNotifyOfItselfDoesNotWait) {
    PROVES("UNADVISE-3@83fa NOTIFY-6@71cd");
    ULONG token = 0;
    ComPtr<FakeNotify> callback =
        FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) { EXPECT_EQ(S_OK, unadvise(object_, token)); });
    token = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, host_.work_offline(true));
    EXPECT_EQ(1u, callback->notifications().size());
    EXPECT_EQ(1u, callback->references());
}

TEST_F(IMAPIOfflineMgrUnadvise, InsideNotifyMayDropTheLastReferenceOnTheCallback) {
    PROVES("UNADVISE-2@2b77 UNADVISE-3@83fa");
    ULONG token = 0;
    std::atomic<int> calls{0};
    ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        unadvise(object_, token);
        EXPECT_EQ(1, FakeNotify::alive()); // the caller of Notify still holds it
        ++calls;
    });
    token = advise(object_, callback.Get());
    callback.Reset();
    EXPECT_EQ(S_OK, host_.work_offline(true));
    EXPECT_EQ(1, calls);
    EXPECT_EQ(0, FakeNotify::alive());
}

TEST_F(IMAPIOfflineMgrUnadvise, InsideNotifyOfAnotherTakesEffectInTheSamePhase) {
    PROVES("UNADVISE-3@83fa NOTIFY-6@71cd");
    ULONG second_token = 0;
    const ComPtr<FakeNotify> second = FakeNotify::create();
    const ComPtr<FakeNotify> first =
        FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) { EXPECT_EQ(S_OK, unadvise(object_, second_token)); });
    const ULONG first_token = advise(object_, first.Get());
    second_token = advise(object_, second.Get());
    EXPECT_EQ(S_OK, host_.work_offline(true));
    EXPECT_EQ(going_offline, first->texts());
    EXPECT_EQ(0u, second->notifications().size());
    unadvise(object_, first_token);
}

TEST_F(IMAPIOfflineMgrUnadvise, HappensByItselfWhenTheObjectEnds) {
    PROVES("UNADVISE-4@80c0 ADVISE-4@3bb2 CREATE-5@a7c2");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    {
        offline_state::Host host(L"Short-lived");
        advise(host.object(), callback.Get());
        advise(host.object(), callback.Get());
        EXPECT_EQ(3u, callback->references());
        ASSERT_EQ(S_OK, host.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT)); // under way, or not yet
    }
    EXPECT_EQ(1u, callback->references());
    const std::size_t so_far = callback->notifications().size();
    host_.work_offline(true); // what was queued before it on the same thread is over
    EXPECT_EQ(so_far, callback->notifications().size());
}

TEST_F(IMAPIOfflineMgrUnadvise, AnEndingObjectWaitsForARunningNotify) {
    PROVES("UNADVISE-4@80c0");
    Event in_notify;
    Event go_on;
    const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        in_notify.set();
        EXPECT_TRUE(go_on.wait());
    });
    auto host = std::make_unique<offline_state::Host>(L"Short-lived");
    advise(host->object(), callback.Get());
    ASSERT_EQ(S_OK, host->work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    ASSERT_TRUE(in_notify.wait());
    WaitingThread ending([&] { host.reset(); });
    EXPECT_TRUE(ending.falls_asleep());
    go_on.set();
    ending.join();
    EXPECT_EQ(1u, callback->references());
    const std::size_t so_far = callback->notifications().size();
    host_.work_offline(true); // what was queued before it on the same thread is over
    EXPECT_EQ(so_far, callback->notifications().size());
}

TEST_F(IMAPIOfflineMgrUnadvise, AtTheEndOfTheObjectLetsACallbackTakeAReferenceOnIt) {
    PROVES("UNADVISE-4@80c0");
    struct Ends {
        IMAPIOfflineMgr* object;
        int* ended;
        ~Ends() {
            EXPECT_NE(0u, object->AddRef());
            EXPECT_NE(0u, object->Release()); // not the end of it once more
            ++*ended;
        }
    };
    int ended = 0;
    {
        const offline_state::Host host(L"Ends");
        const auto held = std::make_shared<Ends>(Ends{host.object(), &ended});
        ended = 0;
        advise(host.object(), FakeNotify::create([held](const MAPIOFFLINE_NOTIFY&) {}).Get());
    }
    EXPECT_EQ(1, ended);
    ComPtr<IMAPIOfflineMgr> object;
    EXPECT_EQ(MAPI_E_NOT_FOUND, open(L"Ends", object));
}

} // namespace
} // namespace offline_state_tests
