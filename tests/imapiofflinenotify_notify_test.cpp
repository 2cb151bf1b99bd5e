// The page "IMAPIOfflineNotify::Notify": what is sent, to whom, in which order, on which thread.
#include "support/offline_state_test.h"

#include <mutex>
#include <stdexcept>
#include <thread>

namespace offline_state_tests {
namespace {

constexpr ULONG online = MAPIOFFLINE_STATE_ONLINE;
constexpr ULONG offline = MAPIOFFLINE_STATE_OFFLINE;

/// With the notification thread of the reference.
class IMAPIOfflineNotifyNotify : public OfflineStateTest {
protected:
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

/// Phase by phase, by hand.
class IMAPIOfflineNotifyNotifyByPhase : public OfflineStateTest {
protected:
    offline_state::ManualDispatcher dispatcher_;
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

TEST_F(IMAPIOfflineNotifyNotify, TellsTheThreePhasesOfEachChange) {
    PROVES("NOTIFY-1@4011 NOTIFY-1.1@2cdc ABOUT-1@a13f ABOUT-4@d01f TYPE-2@a70e");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get(), 42);
    host_.work_offline(true);
    host_.work_offline(false);
    EXPECT_EQ(going_offline + going_online, callback->texts());
    for (const MAPIOFFLINE_NOTIFY& notification : callback->notifications()) {
        EXPECT_EQ(sizeof(MAPIOFFLINE_NOTIFY), notification.ulSize);
        EXPECT_EQ(42u, notification.ulClientToken);
        EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE_MASK), notification.Info.StateChange.ulMask);
    }
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineNotifyNotifyByPhase, EveryRegistrationHasOnePhaseBeforeAnyHasTheNext) {
    PROVES("NOTIFY-2@c1b5");
    std::vector<std::string> order;
    std::vector<ComPtr<FakeNotify>> callbacks;
    std::vector<ULONG> tokens;
    for (int i = 0; i < 3; ++i) {
        callbacks.push_back(FakeNotify::create([&order](const MAPIOFFLINE_NOTIFY& notification) {
            order.push_back(std::to_string(notification.ulClientToken) + ' ' + text(notification));
        }));
    }
    // Registered 0, 1, 2, 3; 1 leaves and comes back, so that the order is 0, 2, 3, 1.
    for (const ULONG client : {0u, 1u, 2u}) {
        tokens.push_back(advise(object_, callbacks[client].Get(), client));
    }
    tokens.push_back(advise(object_, callbacks[0].Get(), 3));
    unadvise(object_, tokens[1]);
    tokens[1] = advise(object_, callbacks[1].Get(), 1);

    set_state(object_, offline);
    std::vector<std::string> expected;
    for (const std::string& phase : going_offline) {
        EXPECT_TRUE(dispatcher_.deliver_phase());
        for (const char* client : {"0 ", "2 ", "3 ", "1 "}) {
            expected.push_back(client + phase);
        }
        EXPECT_EQ(expected, order);
    }
    EXPECT_FALSE(dispatcher_.deliver_phase());
    for (const ULONG token : tokens) {
        unadvise(object_, token);
    }
}

TEST_F(IMAPIOfflineNotifyNotify, GetCurrentStateGivesTheNewStateFromStateChangeOn) {
    PROVES("NOTIFY-3@31a5");
    std::vector<ULONG> states;
    const ComPtr<FakeNotify> callback =
        FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) { states.push_back(state_of(object_)); });
    const ULONG token = advise(object_, callback.Get());
    host_.work_offline(true);
    host_.work_offline(false);
    EXPECT_EQ((std::vector<ULONG>{online, offline, offline, offline, online, online}), states);
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineNotifyNotifyByPhase, WhoRegistersDuringAChangeHearsOfTheNextOneFirst) {
    PROVES("NOTIFY-4@353d");
    const ComPtr<FakeNotify> early = FakeNotify::create();
    std::vector<ULONG> tokens{advise(object_, early.Get())};
    std::vector<ComPtr<FakeNotify>> late;
    set_state(object_, offline);
    do { // before START, between the phases, and after DONE
        late.push_back(FakeNotify::create());
        tokens.push_back(advise(object_, late.back().Get()));
    } while (dispatcher_.deliver_phase());
    ASSERT_EQ(4u, late.size());
    for (const ComPtr<FakeNotify>& callback : late) {
        EXPECT_EQ(0u, callback->notifications().size());
    }
    set_state(object_, online);
    dispatcher_.deliver_all();
    EXPECT_EQ(going_offline + going_online, early->texts());
    for (const ComPtr<FakeNotify>& callback : late) {
        EXPECT_EQ(going_online, callback->texts());
    }
    for (const ULONG token : tokens) {
        unadvise(object_, token);
    }
}

TEST_F(IMAPIOfflineNotifyNotify, WhoRegistersInsideNotifyHearsOfTheNextChangeFirst) {
    PROVES("NOTIFY-4@353d NOTIFY-6@71cd");
    std::vector<ULONG> tokens;
    const ComPtr<FakeNotify> late = FakeNotify::create();
    const ComPtr<FakeNotify> early = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.Info.StateChange.ulStateNew == offline) {
            tokens.push_back(advise(object_, late.Get()));
        }
    });
    tokens.push_back(advise(object_, early.Get()));
    host_.work_offline(true);
    EXPECT_EQ(0u, late->notifications().size());
    host_.work_offline(false);
    EXPECT_EQ(9u, late->notifications().size()); // three registrations
    for (const ULONG token : tokens) {
        unadvise(object_, token);
    }
}

TEST_F(IMAPIOfflineNotifyNotify, TheOldStateIsTheNewStateOfTheChangeBefore) {
    PROVES("NOTIFY-4@353d");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get());
    for (int i = 0; i < 20; ++i) {
        host_.work_offline(i % 2 == 0, i % 3 == 0 ? MAPIOFFLINE_FLAG_DEFAULT : MAPIOFFLINE_FLAG_BLOCK);
        host_.drain();
    }
    ULONG state = online;
    const std::vector<MAPIOFFLINE_NOTIFY> notifications = callback->notifications();
    ASSERT_EQ(60u, notifications.size());
    for (std::size_t i = 0; i < notifications.size(); i += 3) {
        EXPECT_EQ(state, notifications[i].Info.StateChange.ulStateOld);
        state = notifications[i].Info.StateChange.ulStateNew;
    }
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineNotifyNotify, ComesOnTheNotificationThreadAndNeverTwiceAtOnce) {
    PROVES("NOTIFY-5@d805");
    std::mutex mutex;
    std::vector<std::thread::id> threads;
    const auto action = [&](const MAPIOFFLINE_NOTIFY&) {
        const std::lock_guard lock(mutex);
        threads.push_back(std::this_thread::get_id());
    };
    const ComPtr<FakeNotify> first = FakeNotify::create(action);
    const ComPtr<FakeNotify> second = FakeNotify::create(action);
    const ULONG first_token = advise(object_, first.Get());
    const ULONG second_token = advise(object_, second.Get());
    for (int i = 0; i < 10; ++i) {
        host_.work_offline(i % 2 == 0);
    }
    unadvise(object_, first_token);
    unadvise(object_, second_token);
    ASSERT_EQ(60u, threads.size());
    EXPECT_NE(std::this_thread::get_id(), threads.front());
    EXPECT_EQ(std::vector<std::thread::id>(60, threads.front()), threads); // on one thread nothing is twice at once
}

TEST_F(IMAPIOfflineNotifyNotify, AClientMayCallAnythingInside) {
    PROVES("NOTIFY-6@71cd");
    ULONG other_token = 0;
    const ComPtr<FakeNotify> other = FakeNotify::create();
    const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        unadvise(object_, other_token);
        other_token = advise(object_, other.Get());
        state_of(object_);
        ULONG capabilities = poison;
        EXPECT_EQ(S_OK, object_->GetCapabilities(&capabilities));
        set_state(object_, online);
        ComPtr<IMAPIOfflineMgr> opened;
        EXPECT_EQ(S_OK, open(profile, opened));
        ComPtr<IMAPIOffline> queried;
        EXPECT_EQ(S_OK, opened.As(&queried));
    });
    const ULONG token = advise(object_, callback.Get());
    host_.work_offline(true);
    host_.drain();
    EXPECT_EQ(going_offline + going_online, callback->texts());
    EXPECT_EQ(2u, other->references());
    unadvise(object_, token);
    unadvise(object_, other_token);
}

TEST_F(IMAPIOfflineNotifyNotify, AClientMayReleaseTheLastReferenceInside) {
    PROVES("NOTIFY-6@71cd CREATE-5@a7c2 UNADVISE-4@80c0");
    ComPtr<IMAPIOfflineMgr> last;
    Event called; // a caller keeps its reference until its call has returned
    Event released;
    const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
        EXPECT_TRUE(called.wait());
        last.Reset();
        EXPECT_FALSE(profile_exists(L"Short-lived"));
        released.set();
    });
    const ComPtr<FakeNotify> next = FakeNotify::create();
    {
        const offline_state::Host host(L"Short-lived");
        ASSERT_EQ(S_OK, open(L"Short-lived", last));
        advise(host.object(), callback.Get());
        advise(host.object(), next.Get());
    }
    EXPECT_EQ(S_OK, set_state(last.Get(), offline));
    called.set();
    ASSERT_TRUE(released.wait());
    host_.drain(); // the same thread: the abandoned change is behind it
    EXPECT_EQ(1u, callback->notifications().size());
    EXPECT_EQ(1u, callback->references());
    EXPECT_EQ(0u, next->notifications().size());
    EXPECT_EQ(1u, next->references());
}

TEST(NotificationThread, EndsByItselfWhenTheLastObjectIsReleasedInsideNotify) {
    PROVES("NOTIFY-6@71cd");
    struct SetsWhenDestroyed {
        explicit SetsWhenDestroyed(Event& event_to_set) : event(event_to_set) {}
        ~SetsWhenDestroyed() { event.set(); }
        Event& event;
    };
    for (int i = 0; i < 20; ++i) {
        auto host = std::make_unique<offline_state::Host>(L"Short-lived");
        Event called; // a caller keeps its reference until its call has returned
        Event gone;
        ComPtr<FakeNotify> callback = FakeNotify::create(
            [&host, &called, sentinel = std::make_shared<SetsWhenDestroyed>(gone)](const MAPIOFFLINE_NOTIFY&) {
                EXPECT_TRUE(called.wait());
                host.reset(); // no other object: the notification thread loses its owner while it runs
            });
        advise(host->object(), callback.Get());
        EXPECT_EQ(S_OK, host->work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
        called.set();
        callback.Reset();
        ASSERT_TRUE(gone.wait()); // the thread has let go of the callback
    }
    EXPECT_FALSE(profile_exists(L"Short-lived"));
}

TEST_F(IMAPIOfflineNotifyNotify, AnExceptionIsCaughtAndTheOthersAreServed) {
    PROVES("NOTIFY-7@4493");
    const ComPtr<FakeNotify> throwing =
        FakeNotify::create([](const MAPIOFFLINE_NOTIFY&) { throw std::runtime_error("a client's bug"); });
    const ComPtr<FakeNotify> throwing_a_number = FakeNotify::create([](const MAPIOFFLINE_NOTIFY&) { throw 42; });
    const ComPtr<FakeNotify> last = FakeNotify::create();
    std::vector<ULONG> tokens;
    for (const auto& callback : {throwing, throwing_a_number, last}) {
        tokens.push_back(advise(object_, callback.Get()));
    }
    EXPECT_EQ(S_OK, host_.work_offline(true));
    EXPECT_EQ(going_offline, throwing->texts());
    EXPECT_EQ(going_offline, throwing_a_number->texts());
    EXPECT_EQ(going_offline, last->texts());
    for (const ULONG token : tokens) {
        unadvise(object_, token);
    }
}

TEST_F(IMAPIOfflineNotifyNotify, OtherNotificationsReachTheClientAsTheyAre) {
    PROVES("NOTIFY-8@c08f ABOUT-5@7b46 HOST-3@61b8");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object_, callback.Get(), 5);
    EXPECT_EQ(S_OK, host_.send_other_notification(static_cast<MAPIOFFLINE_NOTIFY_TYPE>(17), 0x30));
    EXPECT_EQ(S_OK, host_.send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0x00010000));
    host_.drain();
    const std::vector<MAPIOFFLINE_NOTIFY> notifications = callback->notifications();
    ASSERT_EQ(2u, notifications.size());
    EXPECT_EQ(17, notifications[0].NotifyType);
    EXPECT_EQ(0x30u, notifications[0].Info.StateChange.ulMask);
    EXPECT_EQ(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, notifications[1].NotifyType);
    EXPECT_EQ(0x00010000u, notifications[1].Info.StateChange.ulMask);
    EXPECT_EQ(5u, notifications[1].ulClientToken);
    EXPECT_EQ(online, state_of(object_));
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineNotifyNotify, IsTheOnlyKindOfCallback) {
    PROVES("ABOUT-3@5f98 TYPE-1@cc2b");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    for (const int type : {-1, 1, 2, 3}) {
        MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
        info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(type);
        ULONG token = poison;
        EXPECT_EQ(E_INVALIDARG, object_->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    }
}

} // namespace
} // namespace offline_state_tests
