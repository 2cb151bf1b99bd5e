// Clients that do what they should not: never return from Notify, or wait in it for who unadvises them.
#include "support/object_tree.h"
#include "support/offline_state_test.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace offline_state_tests {
namespace {

using offline_state::NotifyTimeLimit;
using offline_state::TraceEvent;
using std::chrono::milliseconds;

/// A host that receives the reports of Notify calls that run too long.
class HostileClient : public OfflineStateTest {
protected:
    HostileClient() {
        offline_state::set_trace_sink([this](const TraceEvent& event) {
            if (event.kind != TraceEvent::Kind::overdue) {
                return;
            }
            const std::lock_guard lock(mutex_);
            overdue_.push_back(event);
            reported_.notify_all();
        });
    }
    ~HostileClient() override { offline_state::set_trace_sink({}); }

    std::vector<TraceEvent> overdue() const {
        const std::lock_guard lock(mutex_);
        return overdue_;
    }

    /// What the trace says of one call of Notify that is overdue.
    static std::string report_of(ULONG token, MAPIOFFLINE_NOTIFY_TYPE type, ULONG client_token = 0) {
        char text[80];
        std::snprintf(text, sizeof text, "registration=0x%x NotifyType=0x%x ulClientToken=0x%x",
                      static_cast<unsigned>(token), static_cast<unsigned>(type), static_cast<unsigned>(client_token));
        return text;
    }

    /// Waits for the report of this call: on a slow machine others are overdue too. False as Event::wait.
    bool wait_for(const std::string& report) {
        std::unique_lock lock(mutex_);
        return reported_.wait_for(lock, std::chrono::seconds(60), [&] {
            return std::any_of(overdue_.begin(), overdue_.end(),
                               [&](const TraceEvent& event) { return event.arguments == report; });
        });
    }

    mutable std::mutex mutex_;
    std::condition_variable reported_;
    std::vector<TraceEvent> overdue_;
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

TEST_F(HostileClient, ThatDoesNotReturnHoldsUpOnlyThoseWhoWaitForIt) {
    PROVES("UNADVISE-3@83fa SET-3.1@779f SET-4@0627 NOTIFY-2@de77");
    FAULTS("client", 1);
    Holder stuck(object_);
    std::atomic<bool> may_return{false};
    ParallelCall blocks([&] {
        EXPECT_EQ(S_OK, host_.work_offline(true, block));
        EXPECT_TRUE(may_return);
    });
    stuck.wait_until_it_holds();
    EXPECT_TRUE(blocks.waits());
    ParallelCall unadvises([&] { // waits too
        EXPECT_EQ(S_OK, stuck.client().unadvise());
        EXPECT_TRUE(may_return);
    });
    EXPECT_TRUE(unadvises.waits());

    // All these return at once.
    Client other(object_);
    EXPECT_EQ(online, state_of(object_));
    EXPECT_EQ(E_PENDING, set_state(object_, offline));
    EXPECT_EQ(E_PENDING, set_state(object_, offline, block));
    ComPtr<IMAPIOfflineMgr> opened;
    EXPECT_EQ(S_OK, open(profile, opened));
    ComPtr<IMAPIOfflineMgr> provider = create_provider(profile, object_);
    provider.Reset();
    EXPECT_EQ(S_OK, other.unadvise());
    EXPECT_EQ(1u, other->references());

    may_return = true;
    stuck.let_go();
    blocks.join();
    unadvises.join();
}

TEST_F(HostileClient, ThatDoesNotReturnIsNamedByTheTrace) {
    PROVES("TRACE-4@f5dd TRACE-3@05e7");
    FAULTS("client", 1);
    const NotifyTimeLimit limit(milliseconds(1));
    ULONG stuck_token = 0;
    const auto report = [&] { return report_of(stuck_token, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 7); };
    const ComPtr<Recorder> stuck = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE) {
            EXPECT_TRUE(wait_for(report())); // it is reported while it is still running
        }
    });
    const Client good(object_, {}, 1);
    stuck_token = advise(object_, stuck.Get(), 7);
    EXPECT_EQ(S_OK, host_.work_offline(true));
    int reports = 0;
    for (const TraceEvent& event : overdue()) {
        if (event.arguments == report()) {
            ++reports;
            EXPECT_STREQ("IMAPIOfflineNotify::Notify", event.function);
            EXPECT_EQ("has been running for 1 ms", event.reason);
            EXPECT_EQ(E_PENDING, event.result);
        }
    }
    EXPECT_EQ(1, reports);
    unadvise(object_, stuck_token);
}

TEST_F(HostileClient, IsNotNamedBeforeTheLimit) {
    PROVES("TRACE-4@f5dd");
    const Client callback(object_);
    {
        const NotifyTimeLimit limit(std::chrono::hours(1));
        EXPECT_EQ(S_OK, host_.work_offline(true));
        EXPECT_THROW(NotifyTimeLimit(milliseconds(1)), std::logic_error);
        EXPECT_THROW(NotifyTimeLimit(milliseconds(0)), std::invalid_argument);
        EXPECT_THROW(NotifyTimeLimit(std::chrono::hours(25)), std::invalid_argument);
    }
    EXPECT_EQ(S_OK, host_.work_offline(false));
    EXPECT_TRUE(overdue().empty());
}

TEST_F(HostileClient, TheLimitMayEndWhileANotifyRuns) {
    PROVES("TRACE-4@f5dd");
    FAULTS("client", 1);
    Holder stuck(object_);
    const std::string report = report_of(stuck.client().token(), MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START);
    {
        const NotifyTimeLimit limit(milliseconds(1));
        ASSERT_EQ(S_OK, host_.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
        ASSERT_TRUE(wait_for(report));
    }
    const NotifyTimeLimit next(std::chrono::hours(1)); // sees the call that the one before has reported
    stuck.let_go();
    host_.drain();
    ASSERT_EQ(1u, overdue().size());
    EXPECT_EQ("has been running for 1 ms", overdue().front().reason);
}

TEST_F(HostileClient, MayRunAtTheSameTimeAsOneOfAnotherDispatcher) {
    PROVES("TRACE-4@f5dd");
    const NotifyTimeLimit limit(std::chrono::hours(1));
    Event first_runs;
    Event first_may_return;
    Event first_has_returned;
    const Client first(object_, [&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
            first_runs.set();
            EXPECT_TRUE(first_may_return.wait());
        } else {
            first_has_returned.set();
        }
    });
    offline_state::ManualDispatcher dispatcher;
    const offline_state::Host other(L"Other");
    const Client second(other.object(), [&](const MAPIOFFLINE_NOTIFY&) { // begins later, ends later
        first_may_return.set();
        EXPECT_TRUE(first_has_returned.wait());
    });
    ASSERT_EQ(S_OK, host_.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    ASSERT_TRUE(first_runs.wait());
    ASSERT_EQ(S_OK, set_state(other.object(), offline));
    EXPECT_EQ(3u, dispatcher.deliver_all());
    host_.drain();
    EXPECT_EQ(3u, first->received().size());
    EXPECT_EQ(3u, second->received().size());
    EXPECT_TRUE(overdue().empty());
}

// The deadlock that a client can make (how can I still deadlock with it?): Notify waits for a thread, and that
// thread unadvises it. The report of the time limit breaks it up here; nothing else could.
TEST_F(HostileClient, ThatWaitsInNotifyForWhoUnadvisesItDeadlocks) {
    PROVES("UNADVISE-3@83fa TRACE-4@f5dd");
    FAULTS("client", 1);
    Event in_notify;
    Event deadlocked;
    Event unadvised;
    ULONG token = 0;
    const NotifyTimeLimit limit(milliseconds(1));
    const ComPtr<Recorder> callback = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
        in_notify.set();
        EXPECT_TRUE(deadlocked.wait()); // a client without a way out would wait for `unadvised`, for ever
        EXPECT_TRUE(wait_for(report_of(token, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START)));
        EXPECT_FALSE(unadvised.is_set());
    });
    token = advise(object_, callback.Get());
    ASSERT_EQ(S_OK, host_.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    ASSERT_TRUE(in_notify.wait());
    ParallelCall unadvises([&] {
        unadvise(object_, token);
        unadvised.set();
    });
    EXPECT_TRUE(unadvises.waits());
    deadlocked.set();
    unadvises.join();
    EXPECT_EQ(1u, callback->received().size());
    EXPECT_EQ(1u, callback->references());
    host_.drain();
}

TEST_F(HostileClient, MayTakeAReferenceOnTheObjectAtItsEnd) {
    PROVES("UNADVISE-4@80c0");
    int ended = 0;
    {
        const offline_state::Host host(L"Ends");
        auto end = at_the_end([&ended, object = host.object()] {
            EXPECT_NE(0u, object->AddRef());
            EXPECT_NE(0u, object->Release()); // not the end of it once more
            ++ended;
        });
        advise(host.object(), Recorder::create([held = std::move(end)](const MAPIOFFLINE_NOTIFY&) {}).Get());
    }
    EXPECT_EQ(1, ended);
    ComPtr<IMAPIOfflineMgr> object;
    EXPECT_EQ(MAPI_E_NOT_FOUND, open(L"Ends", object));
}

} // namespace
} // namespace offline_state_tests
