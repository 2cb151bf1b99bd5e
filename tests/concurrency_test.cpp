// Many threads at once; ThreadSanitizer and AddressSanitizer look on.
#include "support/offline_state_test.h"

#include <atomic>
#include <random>
#include <thread>

namespace offline_state_tests {
namespace {

class Concurrency : public OfflineStateTest {
protected:
    template <class Body>
    static void run(unsigned count, Body body) {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < count; ++i) {
            threads.emplace_back(body, i);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
};

TEST_F(Concurrency, NoNotificationAfterUnadviseUnderLoad) {
    PROVES("UNADVISE-3@83fa NOTIFY-2@c1b5 NOTIFY-5@d805 SET-8@6e69");
    offline_state::Host host(profile);
    std::atomic<int> violations{0};
    std::atomic<int> notifications{0};
    run(4, [&](unsigned seed) {
        std::minstd_rand random(seed + 1);
        for (int i = 0; i < 3000; ++i) {
            std::atomic<bool> registered{true};
            std::atomic<int> expected_phase{1};
            const ComPtr<FakeNotify> callback = FakeNotify::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                ++notifications;
                violations += registered ? 0 : 1;
                violations += notification.NotifyType == expected_phase ? 0 : 1;
                expected_phase = notification.NotifyType % 3 + 1;
            });
            const ULONG token = advise(host.object(), callback.Get());
            const HRESULT result =
                set_state(host.object(), random() % 2 == 0 ? MAPIOFFLINE_STATE_ONLINE : MAPIOFFLINE_STATE_OFFLINE,
                          random() % 2 == 0 ? MAPIOFFLINE_FLAG_BLOCK : MAPIOFFLINE_FLAG_DEFAULT);
            violations += result == S_OK || result == E_PENDING ? 0 : 1;
            if (random() % 2 == 0) {
                host.drain(); // lets the changes go on; the other half of the callbacks leaves in the middle of one
            }
            unadvise(host.object(), token);
            registered = false;
            violations += callback->references() == 1 ? 0 : 1;
        }
    });
    host.drain();
    EXPECT_EQ(0, violations);
    EXPECT_LT(1000, notifications) << "too few to say anything";
}

TEST_F(Concurrency, ObjectsComeAndGoWhileOthersOpenThem) {
    PROVES("CREATE-2@e26f CREATE-5@a7c2 OPEN-1@1025 OPEN-7@1fff");
    std::atomic<int> violations{0};
    run(4, [&](unsigned thread) {
        for (int i = 0; i < 500; ++i) {
            if (thread % 2 == 0) {
                offline_state::Host host(profile);
                const ComPtr<FakeNotify> callback = FakeNotify::create();
                const ULONG token = advise(host.object(), callback.Get());
                host.work_offline(i % 2 == 0, MAPIOFFLINE_FLAG_DEFAULT);
                if (i % 3 != 0) {
                    unadvise(host.object(), token);
                }
            } else {
                ComPtr<IMAPIOfflineMgr> object;
                const HRESULT result = open(profile, object);
                violations += (result == S_OK) == (object.Get() != nullptr) ? 0 : 1;
                violations += result == S_OK || result == MAPI_E_NOT_FOUND ? 0 : 1;
                if (object) {
                    state_of(object.Get());
                }
            }
        }
    });
    EXPECT_EQ(0, violations);
}

TEST_F(Concurrency, TheLastReleaseRacesWithOpenAndCreate) {
    PROVES("CREATE-2@e26f CREATE-5@a7c2 OPEN-1@1025");
    // Nothing but creating, opening and releasing, so that they meet in the few instructions between the last Release
    // and the moment when the registry forgets the object.
    std::atomic<bool> stop{false};
    std::atomic<int> violations{0};
    run(4, [&](unsigned thread) {
        if (thread == 0) {
            for (int i = 0; i < 30'000; ++i) {
                const offline_state::Host host(profile);
                violations += profile_exists(profile) ? 0 : 1; // its own object is alive
            }
            stop = true;
        }
        while (!stop) {
            if (thread == 1) {
                const offline_state::Host host(profile);
            } else {
                profile_exists(profile);
            }
        }
    });
    EXPECT_EQ(0, violations);
}

TEST_F(Concurrency, CountsReferencesExactly) {
    PROVES("IFACE-3@dda6");
    const offline_state::Host host(profile);
    run(4, [&](unsigned) {
        for (int i = 0; i < 1000; ++i) {
            ComPtr<IMAPIOfflineMgr> object;
            EXPECT_EQ(S_OK, open(profile, object));
        }
    });
    EXPECT_EQ(1u, references_of(host.object()));
}

TEST_F(Concurrency, TheSinkMayChangeWhileCallsAreUnderWay) {
    PROVES("TRACE-1@aca3");
    offline_state::Host host(profile);
    std::atomic<int> events{0};
    run(4, [&](unsigned thread) {
        for (int i = 0; i < 300; ++i) {
            if (thread == 0) {
                offline_state::set_trace_sink(
                    i % 2 == 0 ? offline_state::TraceSink([&](const offline_state::TraceEvent&) { ++events; })
                               : offline_state::TraceSink());
            } else {
                host.work_offline(i % 2 == 0, MAPIOFFLINE_FLAG_DEFAULT);
            }
        }
    });
    host.drain();
    offline_state::set_trace_sink({});
}

} // namespace
} // namespace offline_state_tests
