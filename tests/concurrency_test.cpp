// Many threads at once; ThreadSanitizer and AddressSanitizer look on.
#include "support/offline_state_test.h"

#include <atomic>
#include <memory>
#include <string_view>
#include <thread>

namespace offline_state_tests {
namespace {

using Concurrency = OfflineStateTest;

TEST_F(Concurrency, TheLastReleaseRacesWithOpenAndCreate) {
    PROVES("CREATE-2@e26f CREATE-5@a7c2 OPEN-1@1025");
    // Nothing but creating, opening and releasing, so that they meet in the few instructions between the last Release
    // and the moment when the registry forgets the object.
    std::atomic<bool> stop{false};
    std::atomic<int> violations{0};
    on_threads(4, [&](unsigned thread) {
        if (thread == 0) {
            for (int i = 0; i < often(30'000); ++i) {
                const offline_state::Host host(profile);
                violations += exists(profile) ? 0 : 1; // its own object is alive
            }
            stop = true;
        }
        while (!stop) {
            if (thread == 1) {
                const offline_state::Host host(profile);
            } else {
                exists(profile);
            }
        }
    });
    EXPECT_EQ(0, violations);
}

TEST_F(Concurrency, TheSinkMayChangeWhileCallsAreUnderWay) {
    PROVES("TRACE-1@aca3");
    offline_state::Host host(profile);
    constexpr int times = 150;
    std::atomic<int> asked{0}; // by the thread that changes the sink, and by no other
    std::atomic<unsigned> at_work{3};
    int installed = 0;
    on_threads(4, [&](unsigned thread) {
        if (thread != 0) {
            for (int i = 0; i < 300; ++i) {
                host.work_offline(i % 2 == 0, MAPIOFFLINE_FLAG_DEFAULT);
            }
            --at_work;
            return;
        }
        for (; installed < times || at_work != 0; ++installed) {
            offline_state::set_trace_sink([&](const offline_state::TraceEvent& event) {
                asked += event.function == std::string_view("IMAPIOffline::GetCurrentState") ? 1 : 0;
            });
            state_of(host.object());
            offline_state::set_trace_sink({});
            state_of(host.object());
        }
    });
    host.drain();
    EXPECT_EQ(installed, asked);
}

TEST_F(Concurrency, ASinkThatIsReplacedFinishesWhatItIsTold) {
    PROVES("TRACE-1@aca3");
    const offline_state::Host host(profile);
    Event in_sink;
    Event go_on;
    std::atomic<int> first{0};
    std::atomic<int> second{0};
    const auto alive = std::make_shared<int>();
    offline_state::set_trace_sink([&, alive](const offline_state::TraceEvent&) {
        in_sink.set();
        EXPECT_TRUE(go_on.wait());
        ++first;
    });
    std::thread calls([&] { state_of(host.object()); });
    EXPECT_TRUE(in_sink.wait());
    offline_state::set_trace_sink([&](const offline_state::TraceEvent&) { ++second; });
    EXPECT_EQ(2, alive.use_count()) << "the one before is still at work";
    state_of(host.object());
    EXPECT_EQ(1, second);
    go_on.set();
    calls.join();
    EXPECT_EQ(1, alive.use_count());
    EXPECT_EQ(1, first);
    offline_state::set_trace_sink({});
}

} // namespace
} // namespace offline_state_tests
