// The page "IMAPIOffline::SetCurrentState".
#include "support/offline_state_test.h"
#include "support/waiting_thread.h"

#include <atomic>
#include <thread>

namespace offline_state_tests {
namespace {

constexpr ULONG online = MAPIOFFLINE_STATE_ONLINE;
constexpr ULONG offline = MAPIOFFLINE_STATE_OFFLINE;
constexpr ULONG mask = MAPIOFFLINE_STATE_OFFLINE_MASK;

/// With the notification thread of the reference.
class IMAPIOfflineSetCurrentState : public OfflineStateTest {
protected:
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

/// Phase by phase, by hand.
class IMAPIOfflineSetCurrentStateByPhase : public OfflineStateTest {
protected:
    offline_state::ManualDispatcher dispatcher_;
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

TEST_F(IMAPIOfflineSetCurrentState, RefusesEachWrongArgumentAndChangesNothing) {
    PROVES("SET-1@08b1 SET-1.1@e7c8");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    int anything = 0;
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(1, mask, offline, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK | 1, mask, offline, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0xFFFFFFFF, mask, offline, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, 0, offline, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, 1, offline, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, MAPIOFFLINE_STATE_ALL, offline, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, mask, 0, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, mask, 3, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, mask, 0xFFFFFFFF, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, mask, offline, &anything));
    host_.drain();
    EXPECT_EQ(online, state_of(object_));
    EXPECT_EQ(0u, callback->notifications().size());
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, ChecksArgumentsBeforeAPendingChange) {
    PROVES("SET-1.1@e7c8 SET-4@0627");
    ASSERT_EQ(S_OK, set_state(object_, offline));
    EXPECT_EQ(E_INVALIDARG, object_->SetCurrentState(0, mask, 3, nullptr));
    EXPECT_EQ(E_PENDING, object_->SetCurrentState(0, mask, online, nullptr));
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, DefaultStartsTheChangeAndReturns) {
    PROVES("SET-2@fce9 SET-2.1@e42d");
    EXPECT_EQ(S_OK, set_state(object_, offline));
    EXPECT_EQ(online, state_of(object_)); // nothing has been delivered: the call has not waited
    EXPECT_EQ(3u, dispatcher_.deliver_all());
    EXPECT_EQ(offline, state_of(object_));
}

TEST_F(IMAPIOfflineSetCurrentState, BlockReturnsWhenEveryRegistrationHasHadDone) {
    PROVES("SET-3@554f SET-3.1@30f0");
    const ComPtr<FakeNotify> first = FakeNotify::create();
    const ComPtr<FakeNotify> second = FakeNotify::create();
    const ULONG first_token = advise(object_, first.Get());
    const ULONG second_token = advise(object_, second.Get());
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(S_OK, set_state(object_, i % 2 == 0 ? offline : online, MAPIOFFLINE_FLAG_BLOCK));
        ASSERT_EQ(static_cast<std::size_t>(3 * (i + 1)), first->notifications().size());
        ASSERT_EQ(static_cast<std::size_t>(3 * (i + 1)), second->notifications().size());
    }
    unadvise(object_, first_token);
    unadvise(object_, second_token);
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, BlockWaitsForDone) {
    PROVES("SET-3@554f");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    std::size_t heard = 0;
    WaitingThread caller([&] {
        EXPECT_EQ(S_OK, set_state(object_, offline, MAPIOFFLINE_FLAG_BLOCK));
        heard = callback->notifications().size();
    });
    EXPECT_TRUE(caller.falls_asleep()); // the change is queued, and nothing of it delivered
    EXPECT_EQ(3u, dispatcher_.deliver_all());
    caller.join();
    EXPECT_EQ(3u, heard);
    EXPECT_EQ(offline, state_of(object_));
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, EveryCallIsPendingWhileAChangeIsUnderWay) {
    PROVES("SET-4@0627 SET-4.1@9b54");
    ASSERT_EQ(S_OK, set_state(object_, offline));
    for (int phase = 0; phase < 2; ++phase) {
        EXPECT_EQ(E_PENDING, set_state(object_, online));
        EXPECT_EQ(E_PENDING, set_state(object_, offline));
        EXPECT_EQ(E_PENDING, set_state(object_, online, MAPIOFFLINE_FLAG_BLOCK));
        EXPECT_EQ(E_PENDING, set_state(object_, offline, MAPIOFFLINE_FLAG_BLOCK));
        EXPECT_TRUE(dispatcher_.deliver_phase());
    }
    dispatcher_.deliver_all();
    EXPECT_EQ(S_OK, set_state(object_, online));
}

TEST_F(IMAPIOfflineSetCurrentState, IsPendingAlsoWhenTheEarlierCallBlocks) {
    PROVES("SET-4@0627 SET-4.1@9b54");
    Event in_start;
    Event go_on;
    const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
            in_start.set();
            EXPECT_TRUE(go_on.wait());
        }
    });
    const ULONG token = advise(object_, callback.Get());
    std::thread caller([&] { EXPECT_EQ(S_OK, set_state(object_, offline, MAPIOFFLINE_FLAG_BLOCK)); });
    ASSERT_TRUE(in_start.wait());
    EXPECT_EQ(E_PENDING, set_state(object_, online));
    EXPECT_EQ(E_PENDING, set_state(object_, online, MAPIOFFLINE_FLAG_BLOCK));
    go_on.set();
    caller.join();
    EXPECT_EQ(offline, state_of(object_));
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, SettingTheSameStateNotifiesNothing) {
    PROVES("SET-5@7f6b");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, set_state(object_, online));
    EXPECT_EQ(S_OK, set_state(object_, online, MAPIOFFLINE_FLAG_BLOCK));
    EXPECT_FALSE(dispatcher_.deliver_phase());
    EXPECT_EQ(0u, callback->notifications().size());
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineSetCurrentState, AClientCanGoBackOnlineFromDone) {
    PROVES("SET-6@8240 SET-6.1@e164");
    std::atomic<HRESULT> in_start{S_OK};
    std::atomic<HRESULT> in_done{E_FAIL};
    std::atomic<HRESULT> once_more{S_OK};
    const ComPtr<FakeNotify> stays_online = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.Info.StateChange.ulStateNew != offline) {
            return;
        }
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
            in_start = set_state(object_, online);
        } else if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            in_done = set_state(object_, online);
            once_more = set_state(object_, online);
        }
    });
    const ComPtr<FakeNotify> other = FakeNotify::create();
    const ULONG first_token = advise(object_, stays_online.Get());
    const ULONG second_token = advise(object_, other.Get());
    EXPECT_EQ(S_OK, set_state(object_, offline));
    host_.drain(); // the first change
    host_.drain(); // the one that it has started
    EXPECT_EQ(E_PENDING, in_start);
    EXPECT_EQ(S_OK, in_done);
    EXPECT_EQ(E_PENDING, once_more);
    EXPECT_EQ(online, state_of(object_));
    EXPECT_EQ(going_offline + going_online, stays_online->texts());
    EXPECT_EQ(going_offline + going_online, other->texts()); // every registration has had DONE first
    unadvise(object_, first_token);
    unadvise(object_, second_token);
}

/// Asks at DONE for the state that it wants, at most so many times.
ComPtr<FakeNotify> insists_on(ULONG wanted, IMAPIOfflineMgr* object, int tries) {
    return FakeNotify::create([=](const MAPIOFFLINE_NOTIFY& notification) mutable {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
            notification.Info.StateChange.ulStateNew != wanted && tries-- > 0) {
            EXPECT_EQ(S_OK, set_state(object, wanted));
        }
    });
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, TwoClientsThatInsistNeverSettleUntilOneGivesWay) {
    PROVES("SET-6@8240 SET-6.1@e164");
    constexpr int tries = 1000;
    const ComPtr<FakeNotify> gives_way = insists_on(online, object_, tries);
    const ComPtr<FakeNotify> insists = insists_on(offline, object_, 1'000'000);
    const ULONG first_token = advise(object_, gives_way.Get());
    const ULONG second_token = advise(object_, insists.Get());
    EXPECT_EQ(S_OK, set_state(object_, offline));
    // Each DONE has started a change by the time it has been delivered: there is no pause.
    for (int phase = 0; phase < 3 * (1 + 2 * tries); ++phase) {
        ASSERT_TRUE(dispatcher_.deliver_phase()) << phase;
    }
    EXPECT_FALSE(dispatcher_.deliver_phase());
    EXPECT_EQ(offline, state_of(object_));
    unadvise(object_, first_token);
    unadvise(object_, second_token);
}

TEST_F(IMAPIOfflineSetCurrentState, BlockInsideNotifyStartsNothing) {
    PROVES("SET-7.1@61a8");
    std::vector<HRESULT> results;
    const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        results.push_back(set_state(object_, online, MAPIOFFLINE_FLAG_BLOCK));
        results.push_back(set_state(object_, offline, MAPIOFFLINE_FLAG_BLOCK));
    });
    const ULONG token = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, set_state(object_, offline, MAPIOFFLINE_FLAG_BLOCK));
    host_.drain();
    EXPECT_EQ(std::vector<HRESULT>(6, E_PENDING), results);
    EXPECT_EQ(offline, state_of(object_));
    EXPECT_EQ(going_offline, callback->texts());
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineSetCurrentState, BlockOnAnotherObjectInsideNotifyStartsNothingEither) {
    PROVES("SET-7.1@61a8");
    offline_state::Host other(L"Other");
    std::atomic<HRESULT> result{S_OK};
    const ComPtr<FakeNotify> callback =
        FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) { result = other.work_offline(true); });
    const ULONG token = advise(object_, callback.Get());
    EXPECT_EQ(S_OK, host_.work_offline(true));
    EXPECT_EQ(E_PENDING, result);
    EXPECT_EQ(online, state_of(other.object()));
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineSetCurrentStateByPhase, ExactlyOneOfManyCallersStartsTheChange) {
    PROVES("SET-8@6e69");
    constexpr int callers = 8;
    for (int round = 0; round < 50; ++round) {
        const ULONG state = round % 2 == 0 ? offline : online;
        std::atomic<int> ready{0};
        std::atomic<int> started{0};
        std::atomic<int> pending{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < callers; ++i) {
            threads.emplace_back([&] {
                ++ready;
                while (ready < callers) {
                    std::this_thread::yield();
                }
                const HRESULT result = set_state(object_, state);
                EXPECT_TRUE(result == S_OK || result == E_PENDING);
                ++(result == S_OK ? started : pending);
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        EXPECT_EQ(1, started); // nothing is delivered meanwhile, so no one can find the change done (SET-5)
        EXPECT_EQ(callers - 1, pending);
        EXPECT_EQ(3u, dispatcher_.deliver_all());
        EXPECT_EQ(state, state_of(object_));
    }
}

} // namespace
} // namespace offline_state_tests
