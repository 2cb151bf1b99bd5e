// The host kit.
#include "support/object_tree.h"
#include "support/offline_state_test.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace offline_state_tests {
namespace {

using HostTest = OfflineStateTest;

TEST_F(HostTest, CreatesTheObjectAndReleasesIt) {
    PROVES("HOST-1@83b2");
    {
        const offline_state::Host host(profile);
        EXPECT_TRUE(exists(profile));
        const offline_state::Host same(L"PROFILE");
        EXPECT_EQ(host.object(), same.object());
    }
    EXPECT_FALSE(exists(profile));
}

TEST_F(HostTest, SaysWhatIsWrongWithAName) {
    PROVES("HOST-1@83b2");
    EXPECT_THROW(offline_state::Host(nullptr), std::runtime_error);
    EXPECT_THROW(offline_state::Host(L""), std::runtime_error);
    try {
        const offline_state::Host host(std::wstring(65, L'x').c_str());
        FAIL() << "a name of 65 characters has been taken";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string::npos, std::string(error.what()).find("0x80070057")) << error.what();
    }
}

TEST_F(HostTest, WorkOfflineSetsTheState) {
    PROVES("HOST-2@f1df");
    offline_state::Host host(profile);
    EXPECT_EQ(S_OK, host.work_offline(true));
    EXPECT_EQ(offline, state_of(host.object()));
    EXPECT_EQ(S_OK, host.work_offline(false, MAPIOFFLINE_FLAG_DEFAULT));
    host.drain();
    EXPECT_EQ(online, state_of(host.object()));
    EXPECT_EQ(E_INVALIDARG, host.work_offline(true, 1));
}

TEST_F(HostTest, DoesNotSendAFalseReportOfAChange) {
    PROVES("HOST-3@b547");
    offline_state::Host host(profile);
    const Client callback(host.object());
    for (const int type : {1, 2, 3}) {
        EXPECT_EQ(E_INVALIDARG, host.send_other_notification(static_cast<MAPIOFFLINE_NOTIFY_TYPE>(type),
                                                             MAPIOFFLINE_STATE_OFFLINE_MASK));
    }
    host.drain();
    EXPECT_EQ(0u, callback->received().size());
    EXPECT_EQ(S_OK,
              host.send_other_notification(static_cast<MAPIOFFLINE_NOTIFY_TYPE>(0), MAPIOFFLINE_STATE_OFFLINE_MASK));
    host.drain();
    EXPECT_EQ(1u, callback->received().size());
}

TEST_F(HostTest, OtherNotificationsReachTheClientAsTheyAre) {
    PROVES("NOTIFY-8@c08f ABOUT-5@7b46 HOST-3@b547");
    offline_state::Host host(profile);
    const Client callback(host.object(), {}, 5);
    EXPECT_EQ(S_OK, host.send_other_notification(static_cast<MAPIOFFLINE_NOTIFY_TYPE>(17), 0x30));
    EXPECT_EQ(S_OK, host.send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0x00010000));
    host.drain();
    const std::vector<Recorder::Received> received = callback->received();
    ASSERT_EQ(2u, received.size());
    EXPECT_EQ(17, received[0].notification.NotifyType);
    EXPECT_EQ(0x30u, received[0].notification.Info.StateChange.ulMask);
    EXPECT_EQ(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, received[1].notification.NotifyType);
    EXPECT_EQ(0x00010000u, received[1].notification.Info.StateChange.ulMask);
    EXPECT_EQ(5u, received[1].notification.ulClientToken);
    EXPECT_EQ(online, state_of(host.object()));
}

TEST_F(HostTest, SendsOtherNotificationsToTheGlobalObjectsClientsAlone) {
    PROVES("HOST-3@b547");
    offline_state::Host host(profile);
    const ComPtr<IMAPIOfflineMgr> provider = create_provider(profile, host.object());
    const Client callback(host.object());
    const Client below(provider);
    EXPECT_EQ(S_OK, host.send_other_notification(static_cast<MAPIOFFLINE_NOTIFY_TYPE>(4), 4));
    host.drain();
    EXPECT_EQ(1u, callback->received().size());
    EXPECT_EQ(0u, below->received().size());
}

TEST_F(HostTest, DrainReturnsWhenEverythingIsDelivered) {
    PROVES("HOST-4@2395");
    offline_state::Host host(profile);
    const Client callback(host.object(), [&](const MAPIOFFLINE_NOTIFY&) {
        host.drain(); // would wait for itself
    });
    for (std::size_t i = 1; i <= 50; ++i) {
        ASSERT_EQ(S_OK, host.work_offline(i % 2 == 1, MAPIOFFLINE_FLAG_DEFAULT));
        host.drain();
        ASSERT_EQ(3 * i, callback->received().size());
    }
}

TEST_F(HostTest, ManualDispatcherDeliversOnePhaseWhenTold) {
    PROVES("HOST-5@465e");
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    std::vector<std::thread::id> threads;
    const Client callback(host.object(), [&](const MAPIOFFLINE_NOTIFY&) {
        threads.push_back(std::this_thread::get_id());
        EXPECT_FALSE(dispatcher.deliver_phase()); // not inside a delivery
    });
    EXPECT_FALSE(dispatcher.deliver_phase());
    ASSERT_EQ(S_OK, host.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    for (std::size_t phases = 0; phases < 3; ++phases) {
        EXPECT_EQ(phases, callback->received().size());
        EXPECT_TRUE(dispatcher.deliver_phase());
    }
    EXPECT_FALSE(dispatcher.deliver_phase());
    EXPECT_EQ(std::vector<std::thread::id>(3, std::this_thread::get_id()), threads);
    ASSERT_EQ(S_OK, host.work_offline(false, MAPIOFFLINE_FLAG_DEFAULT));
    host.drain();
    EXPECT_EQ(6u, callback->received().size());
}

/// It would hang for ever.
TEST_F(HostTest, BlockOnTheThreadOfTheManualDispatcherFailsAtOnceInWords) {
    PROVES("HOST-2@f1df HOST-5@465e");
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    std::vector<HRESULT> inside;
    const Client callback(host.object(), [&](const MAPIOFFLINE_NOTIFY&) {
        inside.push_back(host.work_offline(true)); // there it is the client's mistake (SET-7.1)
    });
    std::vector<std::string> reasons;
    offline_state::set_trace_sink([&](const offline_state::TraceEvent& event) {
        if (!event.reason.empty()) {
            reasons.push_back(event.reason);
        }
    });
    EXPECT_EQ(E_PENDING, set_state(host.object(), offline, MAPIOFFLINE_FLAG_BLOCK));
    offline_state::set_trace_sink({});
    try {
        host.work_offline(true);
        ADD_FAILURE() << "it has returned";
    } catch (const std::logic_error& error) {
        ASSERT_EQ(1u, reasons.size());
        EXPECT_NE(std::string::npos, std::string(error.what()).find(reasons[0])) << error.what();
        EXPECT_NE(std::string::npos, reasons[0].find("use MAPIOFFLINE_FLAG_DEFAULT"));
    }
    EXPECT_EQ(0u, dispatcher.deliver_all());
    EXPECT_EQ(online, state_of(host.object()));
    // Another thread may wait for this one.
    std::atomic<bool> is_over{false};
    std::thread other([&] {
        EXPECT_EQ(S_OK, host.work_offline(true));
        is_over = true;
    });
    while (!is_over) {
        dispatcher.deliver_all();
        std::this_thread::yield();
    }
    other.join();
    EXPECT_EQ(going_offline, callback->texts());
    EXPECT_EQ(std::vector<HRESULT>(3, E_PENDING), inside); // and none has thrown
}

/// It would deliver nothing, and a test would look in vain.
TEST_F(HostTest, AManualDispatcherThatComesAfterTheObjectsSaysSo) {
    PROVES("HOST-5@465e");
    offline_state::Host host(profile);
    {
        offline_state::ManualDispatcher late;
        const offline_state::Host same(profile); // takes the object that exists
        EXPECT_THROW(late.deliver_phase(), std::logic_error);
        EXPECT_THROW(late.deliver_all(), std::logic_error);
        EXPECT_EQ(S_OK, host.work_offline(true)); // the notification thread delivers
        {
            const offline_state::Host other(L"Other");
            EXPECT_FALSE(late.deliver_phase()); // it has an object now
        }
        EXPECT_FALSE(late.deliver_phase()); // it has had one
    }
    offline_state::ManualDispatcher next;
    EXPECT_THROW(next.deliver_phase(), std::logic_error);
}

TEST_F(HostTest, ThereIsOneManualDispatcherAtATime) {
    PROVES("HOST-5@465e");
    {
        const offline_state::ManualDispatcher first;
        EXPECT_THROW(offline_state::ManualDispatcher(), std::logic_error);
    }
    const offline_state::ManualDispatcher next;
}

TEST_F(HostTest, ManualDispatcherDeliversWhatIsLeftAtItsEnd) {
    PROVES("HOST-5@465e");
    const ComPtr<Recorder> callback = Recorder::create();
    std::unique_ptr<offline_state::Host> host;
    {
        const offline_state::ManualDispatcher dispatcher;
        host = std::make_unique<offline_state::Host>(profile);
        advise(host->object(), callback.Get());
        ASSERT_EQ(S_OK, host->work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    }
    EXPECT_EQ(going_offline, callback->texts());
}

} // namespace
} // namespace offline_state_tests
