// Eight threads do everything at once, at random, with fixed seeds and a fixed number of operations. The rules are
// checked inside Notify and at the end, under ThreadSanitizer and AddressSanitizer too.
#include "support/object_tree.h"
#include "support/offline_state_test.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

namespace offline_state_tests {
namespace {

constexpr unsigned thread_count = 8;

template <class T>
T take(std::vector<T>& from, std::size_t index) {
    const T taken = from[index];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(index));
    return taken;
}

/// What a registration does inside Notify; larger numbers do nothing.
enum Habit : unsigned { obeys, goes_back, unadvises_itself, unadvises_another, takes_a_reference, throws, takes_time };

/// One registration and what it has seen.
struct StressClient {
    ComPtr<Recorder> callback;
    ComPtr<IMAPIOfflineMgr> object; // null: the end of the object ends the registration
    unsigned begun = 0;             // when Advise was called
    std::atomic<unsigned> registered{std::numeric_limits<unsigned>::max()}; // when it had returned
    std::atomic<ULONG> token{0};
    std::atomic<bool> ended{false}; // an Unadvise of it has returned
    unsigned habit = obeys;

    // Only inside Notify, without a lock: ThreadSanitizer reports if two of them are ever concurrent.
    int phase = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    ULONG state_old = 0;
    ULONG state_new = 0;
};

class Stress : public OfflineStateTest {
protected:
    /// @param changes_below Whether providers and stores change too, not the global object alone.
    void run(bool changes_below, unsigned operations);

    void operate(unsigned thread, bool changes_below, unsigned operations);
    void notified(StressClient& client, const MAPIOFFLINE_NOTIFY& notification, bool changes_below);
    StressClient& advise_client(const ComPtr<IMAPIOfflineMgr>& object, bool keeps_object, unsigned habit,
                                bool changes_below);
    void end(StressClient& client, IMAPIOfflineMgr* object);
    void end_shared(std::size_t index);

    void hold(bool holds, const char* rule) {
        if (!holds) {
            const std::lock_guard lock(mutex_);
            ++violations_[rule];
        }
    }

    /// A registration of anyone's, for another thread to end, with a reference on its object.
    struct Shared {
        ComPtr<IMAPIOfflineMgr> object;
        StressClient* client = nullptr;
    };

    std::mutex mutex_;
    std::map<std::string, int> violations_;
    std::vector<std::unique_ptr<StressClient>> clients_; // all there have been; none goes before the end
    std::vector<Shared> shared_;
    std::atomic<unsigned> clock_{0};
    std::atomic<int> notifications_{0};

    // Only inside Notify: the phase that is being delivered.
    std::atomic<int> inside_{0};
    int phase_ = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    ULONG phase_state_ = 0;
    unsigned newest_begun_ = 0;
};

void Stress::notified(StressClient& client, const MAPIOFFLINE_NOTIFY& notification, bool changes_below) {
    ++notifications_;
    hold(++inside_ == 1, "NOTIFY-5: one at a time");
    hold(!client.ended, "UNADVISE-3: none after Unadvise has returned");
    const auto& change = notification.Info.StateChange;
    const int phase = notification.NotifyType;

    // The registration's own view: three phases, always in order, and each change follows the one before.
    const bool begins = phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    hold(phase == client.phase % 3 + 1, "NOTIFY-4: whole changes, phase by phase");
    hold(!begins || client.state_new == 0 || client.state_new == change.ulStateOld, "NOTIFY-4.1: the chain of states");
    hold(begins || (client.state_old == change.ulStateOld && client.state_new == change.ulStateNew),
         "NOTIFY-1.1: the states of a change");
    client.phase = phase;
    client.state_old = change.ulStateOld;
    client.state_new = change.ulStateNew;

    // All registrations together. Changes of the global object reach all objects, one change after the other, so one
    // change differs from the next by its new state.
    if (!changes_below) {
        if (phase != phase_ || change.ulStateNew != phase_state_) {
            hold(change.ulStateNew == phase_state_ ? phase > phase_ : begins, "NOTIFY-2: one phase before the next");
            phase_ = phase;
            phase_state_ = change.ulStateNew;
            newest_begun_ = 0;
        }
        hold(client.registered >= newest_begun_, "NOTIFY-2: in the order of registration");
        newest_begun_ = std::max(newest_begun_, client.begun);
    }

    if (client.object) {
        IMAPIOfflineMgr* const object = client.object.Get();
        hold(state_of(object) == (begins ? change.ulStateOld : change.ulStateNew), "NOTIFY-3: GetCurrentState");
        hold(set_state(object, change.ulStateOld, block) == E_PENDING, "SET-7.1: BLOCK inside Notify");
        const bool is_done = phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
        if (client.habit == goes_back && is_done && changes_below) {
            client.habit = obeys; // once, or it would never end
            set_state(object, change.ulStateOld);
        } else if (client.habit == unadvises_itself) {
            unadvise(object, client.token); // 0 while Advise has not returned yet
        } else if (client.habit == unadvises_another && is_done) {
            end_shared(0);
        } else if (client.habit == takes_a_reference) {
            const ComPtr<IMAPIOfflineMgr> again = object;
        } else if (client.habit == takes_time) { // in which others may unadvise it
            // Not a number of yields: where others keep the processor busy, each of them is milliseconds.
            const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
            while (!client.ended && std::chrono::steady_clock::now() < until) {
                std::this_thread::yield();
            }
        }
    }
    hold(!client.ended || client.habit == unadvises_another, "UNADVISE-3: it waits for a Notify that is running");
    --inside_;
    if (client.habit == throws) {
        throw 42;
    }
}

StressClient& Stress::advise_client(const ComPtr<IMAPIOfflineMgr>& object, bool keeps_object, unsigned habit,
                                    bool changes_below) {
    auto owned = std::make_unique<StressClient>();
    StressClient& client = *owned;
    {
        const std::lock_guard lock(mutex_);
        clients_.push_back(std::move(owned));
    }
    if (keeps_object) {
        client.object = object;
    }
    client.habit = habit;
    client.callback = Recorder::create([this, &client, changes_below](const MAPIOFFLINE_NOTIFY& notification) {
        notified(client, notification, changes_below);
    });
    client.begun = ++clock_;
    client.token = advise(object.Get(), client.callback.Get());
    client.registered = ++clock_;
    return client;
}

void Stress::end(StressClient& client, IMAPIOfflineMgr* object) {
    hold(unadvise(object, client.token) == S_OK, "UNADVISE-1: S_OK");
    client.ended = true;
}

/// Unadvises a registration of anyone's.
void Stress::end_shared(std::size_t index) {
    Shared other;
    {
        const std::lock_guard lock(mutex_);
        if (shared_.empty()) {
            return;
        }
        other = take(shared_, index % shared_.size());
    }
    end(*other.client, other.object.Get());
}

void Stress::operate(unsigned thread, bool changes_below, unsigned operations) {
    std::minstd_rand random(thread + 1);
    const auto one_of = [&random](std::size_t count) { return static_cast<std::size_t>(random()) % count; };
    std::vector<ComPtr<IMAPIOfflineMgr>> held; // the global object, providers' and stores'
    std::vector<StressClient*> registered;
    ComPtr<IMAPIOfflineMgr> global;
    hold(open(profile, global) == S_OK, "OPEN-1: it exists");
    const std::array<GUID, 2> providers{provider_guid, instance_guid};

    for (unsigned i = 0; i < operations; ++i) {
        if (const unsigned turns = operations / 50; thread == 0 && i % turns == 0) {
            // By turns, so that there are enough changes however threads are scheduled.
            const ULONG next = i % (2 * turns) == 0 ? offline : online;
            while (set_state(global.Get(), next, block) == E_PENDING) {
                std::this_thread::yield();
            }
        }
        const ComPtr<IMAPIOfflineMgr> object = held.empty() ? global : held[one_of(held.size())];
        switch (one_of(13)) {
        case 0: { // open
            ComPtr<IMAPIOfflineMgr> opened;
            hold(open(profile, opened) == S_OK && opened == global, "OPEN-7: the same object");
            held.push_back(opened);
            break;
        }
        case 1:
            held.push_back(create_provider(profile, global.Get(), providers[one_of(providers.size())]));
            break;
        case 2: { // a store's, below a provider's; the face keeps the outer object, and that one the rest
            const auto provider = create_provider(profile, global.Get(), providers[one_of(providers.size())]);
            held.push_back(Store::below(provider, profile)->face());
            break;
        }
        case 3:
        case 4: // release, perhaps the last reference
            if (!held.empty()) {
                take(held, one_of(held.size()));
            }
            break;
        case 5:
        case 6: {
            const bool keeps_object = object == global || one_of(4) != 0; // that one does not end here
            StressClient& client = advise_client(object, keeps_object, static_cast<unsigned>(one_of(8)), changes_below);
            if (keeps_object) {
                registered.push_back(&client);
                if (one_of(3) == 0) {
                    const std::lock_guard lock(mutex_);
                    shared_.push_back({object, &client});
                }
            }
            break;
        }
        case 7:
        case 8: // unadvise one's own
            if (!registered.empty()) {
                StressClient& client = *take(registered, one_of(registered.size()));
                end(client, client.object.Get());
                client.object.Reset(); // no Notify of it looks at that any more
            }
            break;
        case 9: // unadvise someone else's
            end_shared(random());
            break;
        case 10: { // change
            IMAPIOfflineMgr* const changed = changes_below ? object.Get() : global.Get();
            const HRESULT result =
                set_state(changed, one_of(2) == 0 ? online : offline, one_of(4) == 0 ? block : by_default);
            hold(result == S_OK || result == E_PENDING, "SET-4: S_OK or E_PENDING");
            break;
        }
        case 11: { // ask
            const ULONG state = state_of(object.Get());
            hold(state == online || state == offline, "GET-1: online or offline");
            break;
        }
        default: {
            ComPtr<IMAPIOffline> face;
            hold(object.As(&face) == S_OK, "IFACE-3: it gives IMAPIOffline");
        }
        }
        if (held.size() > 8) {
            held.erase(held.begin(), held.begin() + 4);
        }
    }
    for (StressClient* const client : registered) {
        end(*client, client->object.Get());
        client->object.Reset();
    }
}

void Stress::run(bool changes_below, unsigned operations) {
    offline_state::Host host(profile);
    ComPtr<IMAPIOfflineMgr> global;
    ASSERT_EQ(S_OK, open(profile, global));
    StressClient& observer = advise_client(global, true, obeys, changes_below); // hears of everything
    on_threads(thread_count, [=](unsigned thread) { operate(thread, changes_below, operations); });
    shared_.clear();
    host.drain();
    end(observer, global.Get());
    observer.object.Reset();
    global.Reset();

    const std::size_t seen = observer.callback->received().size();
    EXPECT_EQ(0u, seen % 3) << "the observer has had whole changes";
    EXPECT_LE(49u, seen / 3) << "the changes between the turns";
    for (const auto& [rule, count] : violations_) {
        ADD_FAILURE() << rule << ": violated " << count << " times";
    }
    for (const auto& client : clients_) {
        EXPECT_EQ(1u, client->callback->references()) << "the callback is held by its client alone";
    }
    EXPECT_EQ(1u, references_of(host.object()));
    RecordProperty("operations", static_cast<int>(thread_count * operations));
    clients_.clear();
}

TEST_F(Stress, ChangesOfTheGlobalObject) {
    PROVES("NOTIFY-2@de77 NOTIFY-3@31a5 NOTIFY-4@3a1a NOTIFY-4.1@4cd1 NOTIFY-5@d805 NOTIFY-6@71cd NOTIFY-9@7636 "
           "UNADVISE-3@83fa UNADVISE-4@80c0 ADVISE-4@3bb2 SET-7.1@6eef CREATE-5@a7c2 CREATE-11@0e02");
    run(false, often(10'000));
}

TEST_F(Stress, ChangesAnywhereInTheTree) {
    PROVES("NOTIFY-3@31a5 NOTIFY-4@3a1a NOTIFY-4.1@4cd1 NOTIFY-5@d805 NOTIFY-6@71cd UNADVISE-3@83fa UNADVISE-4@80c0 "
           "ADVISE-4@3bb2 SET-7.1@6eef CREATE-5@a7c2 CREATE-11@0e02");
    run(true, often(10'000));
}

} // namespace
} // namespace offline_state_tests
