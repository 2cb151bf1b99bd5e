// Our own promise: the list of registrations stays whole while it is walked and changed at once.
#include "support/offline_state_test.h"

#include "registrations.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>

namespace offline_state_tests {
namespace {

/// The list by itself, without an object and a dispatcher around it.
class RegistrationList : public OfflineStateTest {
protected:
    ~RegistrationList() override { list().remove_all(object_); }

    offline_state::Registrations& list() { return registrations_; }

    /// Registers a callback that writes its client token into received_ and does this.
    ULONG add(ULONG client_token, const std::function<void()>& action = {}) {
        const ComPtr<Recorder> callback = Recorder::create([this, action](const MAPIOFFLINE_NOTIFY& notification) {
            received_.push_back(notification.ulClientToken);
            if (action) {
                action();
            }
        });
        return tokens_[client_token] = add_to(list(), callback, client_token);
    }

    ULONG add_to(offline_state::Registrations& list, const ComPtr<Recorder>& callback, ULONG client_token) const {
        return list.add(object_, offline_state::Callback(ComPtr<Recorder>(callback).Detach()), client_token);
    }

    void remove(ULONG client_token) { list().remove(object_, tokens_[client_token]); }

    /// A phase for the registrations there are.
    std::vector<ULONG> notify() {
        notify_all(list());
        return std::exchange(received_, {});
    }
    static void notify_all(offline_state::Registrations& list) {
        offline_state::Audience audience{list.newest(), {}};
        list.notify(MAPIOFFLINE_NOTIFY{}, audience);
    }

    using Received = std::vector<ULONG>;

    const offline_state::ConnectionState* const object_ =
        reinterpret_cast<const offline_state::ConnectionState*>(this); // only compared
    offline_state::Registrations registrations_{8};
    std::map<ULONG, ULONG> tokens_;
    Received received_;
};

TEST_F(RegistrationList, LeadsPastAllThatLeaveInside) {
    PROVES("NOTIFY-2@de77 NOTIFY-6@71cd UNADVISE-3@83fa");
    add(1);
    add(2, [this] {
        for (const ULONG leaving : {2u, 3u, 1u}) {
            remove(leaving);
            add(leaving + 10);
        }
    });
    for (const ULONG client_token : {3u, 4u, 5u}) {
        add(client_token);
    }
    EXPECT_EQ((Received{1, 2, 4, 5}), notify());
    EXPECT_EQ((Received{4, 5, 12, 13, 11}), notify());
}

TEST_F(RegistrationList, GrowsWhileItIsWalked) {
    PROVES("NOTIFY-4@3a1a NOTIFY-6@71cd");
    offline_state::Registrations many;
    const ComPtr<Recorder> late = Recorder::create();
    int early = 0;
    const ComPtr<Recorder> grows = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
        ++early;
        for (int i = 0; i < 10'000; ++i) {
            add_to(many, late, 0);
        }
    });
    add_to(many, grows, 0);
    add_to(many, grows, 0);
    offline_state::Audience audience{many.newest(), {}};
    many.notify({}, audience);
    many.notify({}, audience);
    EXPECT_EQ(4, early);
    EXPECT_EQ(0u, late->received().size());
    notify_all(many);
    EXPECT_EQ(40'000u, late->received().size());
    many.remove_all(object_);
}

TEST_F(RegistrationList, UsesASlotAgainInTheSamePhaseButNotTheOneThatRuns) {
    PROVES("ADVISE-1.1@7ace UNADVISE-1.1@f86c NOTIFY-4@3a1a");
    for (const ULONG client_token : {1u, 2u, 3u, 4u, 5u, 6u, 7u}) {
        add(client_token);
    }
    const ULONG full = add(8, [this] {
        remove(8);
        EXPECT_EQ(0u, add(9)); // the slot of 8 stays until its Notify has returned
        remove(1);
        EXPECT_NE(0u, add(9)); // the slot of 1
        EXPECT_EQ(0u, add(10));
    });
    ASSERT_NE(0u, full);
    EXPECT_EQ(0u, add(10));
    const ULONG before = tokens_[1];
    EXPECT_EQ((Received{1, 2, 3, 4, 5, 6, 7, 8}), notify());
    list().remove(object_, before); // a token that is used up, of the slot that 9 has now
    list().remove(object_, full);
    EXPECT_EQ((Received{2, 3, 4, 5, 6, 7, 9}), notify());
    EXPECT_NE(0u, add(10));
    EXPECT_EQ((Received{2, 3, 4, 5, 6, 7, 9, 10}), notify());
}

TEST_F(RegistrationList, FailsWhenAllTokensAreUsedUp) {
    PROVES("ADVISE-1.1@7ace");
    const ComPtr<Recorder> callback = Recorder::create();
    offline_state::Registrations registrations(2);
    std::set<ULONG> tokens;
    while (const ULONG token = add_to(registrations, callback, 0)) {
        ASSERT_TRUE(tokens.insert(token).second);
        registrations.remove(object_, token);
    }
    EXPECT_EQ(2u * 2048, tokens.size());
    EXPECT_EQ(0u, add_to(registrations, callback, 0));
    EXPECT_EQ(1u, callback->references());
    for (const ULONG token : tokens) {
        registrations.remove(object_, token);
    }
    EXPECT_EQ(0u, add_to(registrations, callback, 0));
}

TEST_F(RegistrationList, DoesNotWaitForWhoHasTheSlotNow) {
    PROVES("UNADVISE-3@83fa UNADVISE-1.1@f86c");
    add(1);
    remove(1);
    const ULONG before = tokens_[1];
    add(2, [this, before] { // in the slot that 1 had
        std::thread([this, before] { list().remove(object_, before); }).join();
    });
    EXPECT_EQ((Received{2}), notify());
}

TEST_F(RegistrationList, OfAnEndingObjectDoesNotWaitForAnothersNotify) {
    PROVES("UNADVISE-4@80c0 UNADVISE-3@83fa");
    add(1, [this] {
        remove(1);
        const auto* const other = reinterpret_cast<const offline_state::ConnectionState*>(&tokens_);
        std::thread([this, other] { list().remove_all(other); }).join();
    });
    EXPECT_EQ((Received{1}), notify());
}

TEST_F(RegistrationList, KeepsTheOrderHoweverManyLeave) {
    PROVES("NOTIFY-2@de77 NOTIFY-4@3a1a");
    for (const unsigned seed : {1u, 2u, 3u}) {
        std::minstd_rand random(seed);
        offline_state::Registrations many;
        Received received;
        const auto callback = Recorder::create(
            [&](const MAPIOFFLINE_NOTIFY& notification) { received.push_back(notification.ulClientToken); });
        std::map<ULONG, ULONG> tokens; // by client token, which grows
        ULONG newest = 0;
        for (int round = 0; round < 100; ++round) {
            const std::size_t wanted = random() % 200;
            for (int i = 0; i < 100; ++i) { // now more of them come, now more leave
                if (tokens.size() < wanted) {
                    ++newest;
                    tokens[newest] = add_to(many, callback, newest);
                } else if (!tokens.empty()) {
                    const auto leaving =
                        std::next(tokens.begin(), static_cast<std::ptrdiff_t>(random() % tokens.size()));
                    many.remove(object_, leaving->second);
                    tokens.erase(leaving);
                }
            }
            received.clear();
            notify_all(many);
            Received expected;
            for (const auto& [client_token, token] : tokens) {
                expected.push_back(client_token);
            }
            ASSERT_EQ(expected, received) << "seed " << seed << ", round " << round;
            EXPECT_EQ(1u + tokens.size(), callback->references());
        }
        many.remove_all(object_);
        EXPECT_EQ(1u, callback->references());
    }
}

TEST_F(RegistrationList, SweepsWhatHasLeftInAPhaseWhenItIsOver) {
    PROVES("NOTIFY-2@de77 NOTIFY-6@71cd");
    offline_state::Registrations many;
    Received received;
    Received leaving;
    const auto callback = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
        received.push_back(notification.ulClientToken);
        for (; !leaving.empty(); leaving.pop_back()) {
            many.remove(object_, leaving.back());
        }
    });
    Received stay;
    for (ULONG i = 0; i < 5000; ++i) {
        const ULONG token = add_to(many, callback, i);
        i % 100 == 50 ? stay.push_back(i) : leaving.push_back(token);
    }
    notify_all(many);
    EXPECT_EQ(0u, received.front()); // the first one unadvises all that do not stay, itself too
    received.erase(received.begin());
    EXPECT_EQ(stay, received);
    received.clear();
    notify_all(many);
    EXPECT_EQ(stay, received);
    many.remove_all(object_);
    EXPECT_EQ(1u, callback->references());
}

TEST_F(RegistrationList, WakesUnadviseWhenItsCallbackHasReturnedAndNotAtTheEnd) {
    PROVES("UNADVISE-3@83fa");
    for (int i = 0; i < 200; ++i) {
        Event running;
        Event unadvised;
        std::atomic<bool> returned{false};
        add(1, [&] { running.set(); });
        add(2, [&] { // the dispatcher does not leave it before Unadvise of 1 has returned
            returned = true;
            EXPECT_TRUE(unadvised.wait());
        });
        std::thread unadvising([&] { // before, while or after the Notify of 1 runs: all of these come about
            EXPECT_TRUE(running.wait());
            remove(1);
            unadvised.set();
        });
        EXPECT_EQ((Received{1, 2}), notify());
        unadvising.join();
        EXPECT_TRUE(returned);
        remove(2);
    }
}

TEST_F(RegistrationList, OfAnEndingObjectWaitsForOneThatHasUnadvisedItselfAndForItsLastRelease) {
    PROVES("UNADVISE-4@80c0");
    for (const bool in_release : {false, true}) {
        Event unadvised;
        Event go_on;
        std::atomic<bool> over{false};
        const auto hold = [&] {
            unadvised.set();
            EXPECT_TRUE(go_on.wait());
            over = true;
        };
        add(1, [&, end = at_the_end([&] { in_release ? hold() : void(); })] {
            remove(1);
            in_release ? void() : hold();
        });
        std::thread dispatching([this] { notify(); });
        ASSERT_TRUE(unadvised.wait());
        ParallelCall ending([&] {
            list().remove_all(object_);
            EXPECT_TRUE(over);
        });
        EXPECT_TRUE(ending.waits());
        go_on.set();
        ending.join();
        dispatching.join();
    }
}

TEST_F(RegistrationList, LetsTheNextOneLeaveWhileOneThatHasUnadvisedItselfIsReleased) {
    PROVES("UNADVISE-3@83fa");
    // A destructor that waits for another thread, which unadvises the next one.
    auto end = at_the_end([this] { std::thread([this] { remove(2); }).join(); });
    add(1, [this, held = std::move(end)] { remove(1); });
    add(2);
    EXPECT_EQ((Received{1}), notify());
}

TEST_F(RegistrationList, TellsThoseWhoStayWhateverComesAndGoesBesideThem) {
    PROVES("NOTIFY-2@de77 NOTIFY-4@3a1a UNADVISE-3@83fa");
    offline_state::Registrations many;
    const auto staying = Recorder::create(
        [this](const MAPIOFFLINE_NOTIFY& notification) { received_.push_back(notification.ulClientToken); });
    std::atomic<bool> registered[40] = {};
    std::atomic<int> wrong{0};
    const auto leaving = [&] {
        return Recorder::create(
            [&](const MAPIOFFLINE_NOTIFY& notification) { wrong += registered[notification.ulClientToken] ? 0 : 1; });
    };
    Received all;
    ULONG tokens[40];
    const ComPtr<Recorder> callbacks[] = {leaving(), leaving()};
    for (ULONG i = 0; i < 40; ++i) { // each beside one that comes and goes
        all.push_back(i);
        add_to(many, staying, i);
        registered[i] = true;
        tokens[i] = add_to(many, callbacks[i % 2], i);
    }
    std::atomic<bool> stop{false};
    on_threads(3, [&](unsigned thread) {
        if (thread == 2) {
            for (int i = 0; i < 2000; ++i) {
                notify_all(many);
                wrong += std::exchange(received_, {}) == all ? 0 : 1;
            }
            stop = true;
        }
        for (unsigned i = thread; !stop; i = (i + 2) % 40) { // each has its own half, and its callback
            many.remove(object_, tokens[i]);
            registered[i] = false;
            wrong += callbacks[thread]->references() == 1 + 19 ? 0 : 1;
            registered[i] = true;
            tokens[i] = add_to(many, callbacks[thread], i);
            wrong += tokens[i] == 0 ? 1 : 0;
        }
    });
    EXPECT_EQ(0, wrong);
    many.remove_all(object_);
    EXPECT_EQ(1u, callbacks[0]->references());
}

} // namespace
} // namespace offline_state_tests
