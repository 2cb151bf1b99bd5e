// What a client's functions may do to the thread that calls them: throw, or end it.
#include "support/object_tree.h"
#include "support/offline_state_test.h"

#include "dispatcher.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

// AddressSanitizer takes the frames that such a thread leaves for living ones, and reports their memory.
#if defined(__SANITIZE_ADDRESS__)
#define OFFLINE_STATE_THREADS_MAY_END 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OFFLINE_STATE_THREADS_MAY_END 0
#endif
#endif
#if defined(__GLIBC__) && !defined(OFFLINE_STATE_THREADS_MAY_END)
#define OFFLINE_STATE_THREADS_MAY_END 1
#endif

#if OFFLINE_STATE_THREADS_MAY_END
#include "support/fail_thread.h"

#include <pthread.h>
#endif

namespace offline_state_tests {
namespace {

using offline_state::TraceEvent;

enum class Function { query_interface, add_ref, release, notify };

/// Does something at the end of each of its functions. Its reference counts are still right.
class Fragile final : public Counted<Fragile, IMAPIOfflineNotify> {
public:
    using Action = std::function<void(Function)>;

    explicit Fragile(Action action) : action_(std::move(action)) {}

    /// Whether it does more than it should; at first it does.
    void set_broken(bool is_broken) { is_broken_ = is_broken; }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (ppvObject != nullptr) {
            *ppvObject = this; // what it leaves there when it throws
        }
        act(Function::query_interface);
        return Counted::QueryInterface(riid, ppvObject);
    }
    ULONG STDMETHODCALLTYPE AddRef() override {
        const ULONG count = Counted::AddRef();
        act(Function::add_ref);
        return count;
    }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG count = Counted::Release();
        if (count != 0) {
            act(Function::release);
        }
        return count;
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY*) override { act(Function::notify); }

private:
    void act(Function where) {
        if (is_broken_) {
            action_(where);
        }
    }

    std::atomic<bool> is_broken_{true};
    const Action action_;
};

class ClientFunctions : public OfflineStateTest {
protected:
    ClientFunctions() {
        offline_state::set_trace_sink([this](const TraceEvent& event) {
            if (event.kind == TraceEvent::Kind::exception) {
                const std::lock_guard lock(mutex_);
                exceptions_.emplace_back(event.function);
            }
        });
    }
    ~ClientFunctions() override { offline_state::set_trace_sink({}); }

    /// Which functions exceptions have left since the last time.
    std::vector<std::string> exceptions() {
        const std::lock_guard lock(mutex_);
        return std::exchange(exceptions_, {});
    }

    /// Goes offline and back. A client that behaves hears of all of it.
    void expect_good_is_served() {
        const ComPtr<Recorder> good = Recorder::create();
        const ULONG token = advise(object_, good.Get());
        EXPECT_EQ(S_OK, host_.work_offline(true));
        EXPECT_EQ(S_OK, host_.work_offline(false));
        EXPECT_EQ(going_offline + going_online, good->texts());
        EXPECT_EQ(S_OK, unadvise(object_, token));
        EXPECT_EQ(1u, good->references());
    }

    std::mutex mutex_;
    std::vector<std::string> exceptions_;
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

/// An action: throws in this function.
Fragile::Action throws_in(Function function) {
    return [function](Function where) {
        if (where == function) {
            throw 42;
        }
    };
}

TEST_F(ClientFunctions, MayThrowFromQueryInterface) {
    PROVES("NOTIFY-7@d438 ADVISE-3.1@1287");
    FAULTS("client", 2);
    const auto out_of_memory = [](Function) { throw std::bad_alloc(); };
    for (const Fragile::Action& action : {throws_in(Function::query_interface), Fragile::Action(out_of_memory)}) {
        const ComPtr<Fragile> fragile = Fragile::create(action);
        MAPIOFFLINE_ADVISEINFO info = advise_info(fragile.Get());
        ULONG token = poison;
        EXPECT_EQ(E_NOINTERFACE, object_->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
        EXPECT_EQ(0u, token);
        EXPECT_EQ(1u, fragile->references());
        EXPECT_EQ(std::vector<std::string>{"IUnknown::QueryInterface"}, exceptions());
        fragile->set_broken(false);
    }
    expect_good_is_served();
}

TEST_F(ClientFunctions, MayThrowFromReleaseInUnadviseAndInAdvise) {
    PROVES("NOTIFY-7@d438 UNADVISE-2@2b77 ADVISE-1.1@7ace");
    FAULTS("client", 2);
    const ComPtr<Fragile> fragile = Fragile::create(throws_in(Function::release));
    EXPECT_EQ(S_OK, unadvise(object_, advise(object_, fragile.Get())));
    EXPECT_EQ(1u, fragile->references());
    EXPECT_EQ(std::vector<std::string>{"IUnknown::Release"}, exceptions());
    {
        const offline_state::Host other(L"Other");
        advise_until_memory_is_needed(other.object(), Recorder::create().Get());
        MAPIOFFLINE_ADVISEINFO info = advise_info(fragile.Get());
        ULONG token = poison;
        const FailAllocation fail(0);
        EXPECT_EQ(E_OUTOFMEMORY, other.object()->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    }
    EXPECT_EQ(1u, fragile->references());
    fragile->set_broken(false);
    expect_good_is_served();
}

TEST_F(ClientFunctions, MayThrowFromReleaseOnTheNotificationThread) {
    PROVES("NOTIFY-7@d438 UNADVISE-2@2b77");
    FAULTS("client", 2);
    ULONG token = 0;
    const ComPtr<Fragile> fragile = Fragile::create([&](Function where) {
        if (where == Function::notify) {
            EXPECT_EQ(S_OK, unadvise(object_, token)); // so it is released when its Notify is over
        }
        if (where != Function::query_interface) {
            throw 42;
        }
    });
    token = advise(object_, fragile.Get());
    expect_good_is_served();
    EXPECT_EQ(1u, fragile->references());
    EXPECT_EQ((std::vector<std::string>{"IMAPIOfflineNotify::Notify", "IUnknown::Release"}), exceptions());
    fragile->set_broken(false);
}

TEST_F(ClientFunctions, MayThrowFromReleaseAtTheEndOfTheObject) {
    PROVES("NOTIFY-7@d438 UNADVISE-4@80c0");
    FAULTS("client", 2);
    const ComPtr<Fragile> first = Fragile::create(throws_in(Function::release));
    const ComPtr<Fragile> second = Fragile::create(throws_in(Function::release));
    {
        const offline_state::Host other(L"Other");
        advise(other.object(), first.Get());
        advise(other.object(), second.Get());
    }
    EXPECT_FALSE(exists(L"Other"));
    EXPECT_EQ(1u, first->references());
    EXPECT_EQ(1u, second->references());
    EXPECT_EQ(std::vector<std::string>(2, "IUnknown::Release"), exceptions());
    first->set_broken(false);
    second->set_broken(false);
}

TEST_F(ClientFunctions, OfAnOuterObjectMayThrow) {
    PROVES("NOTIFY-7@d438 CREATE-4.1@b60c");
    FAULTS("client", 8);
    const Object provider = create_provider(profile, object_);
    const ComPtr<Fragile> outer = Fragile::create([](Function) { throw 42; });
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
    MAPIOFFLINE_CREATEINFO info = store_info(provider, aggregate);
    info.pwszProfileName = profile;
    Object inner;
    ASSERT_EQ(S_OK, create(info, inner));

    IMAPIOfflineMgr* face = nullptr;
    EXPECT_EQ(S_OK, inner->QueryInterface(IID_PPV_ARGS(&face))); // the reference counts at the outer object
    ASSERT_NE(nullptr, face);
    EXPECT_EQ(2u, outer->references());
    EXPECT_EQ(0u, face->AddRef()); // the outer object's count has not come back
    EXPECT_EQ(3u, outer->references());
    EXPECT_EQ(0u, face->Release());
    EXPECT_EQ(0u, face->Release());
    EXPECT_EQ(1u, outer->references());
    void* given = outer.Get();
    EXPECT_EQ(E_NOINTERFACE, face->QueryInterface(__uuidof(IUnknown), &given));
    EXPECT_EQ(nullptr, given);
    EXPECT_EQ(E_NOINTERFACE, face->QueryInterface(__uuidof(IUnknown), nullptr));
    EXPECT_EQ((std::vector<std::string>{"IUnknown::AddRef", "IUnknown::AddRef", "IUnknown::Release",
                                        "IUnknown::Release", "IUnknown::QueryInterface", "IUnknown::QueryInterface"}),
              exceptions());
    outer->set_broken(false);
    expect_good_is_served();
}

#if OFFLINE_STATE_THREADS_MAY_END

using EndingThread = ClientFunctions;

void exit_thread() {
    pthread_exit(nullptr);
}

/// As somebody else may end it.
void cancel_thread() {
    pthread_cancel(pthread_self());
    pthread_testcancel();
}

TEST_F(EndingThread, InAnyNotifyIsReplaced) {
    PROVES("NOTIFY-10@8fcd SET-3.1@779f NOTIFY-2@de77");
    FAULTS("client", 2 * 3 * 3);
    const Lines all = going_offline + going_online;
    for (const auto& end_thread : {exit_thread, cancel_thread}) {
        for (const std::size_t place : {0u, 1u, 2u}) {
            for (const int phase : {1, 2, 3}) {
                std::vector<std::unique_ptr<Client>> clients;
                const auto end = [&](const MAPIOFFLINE_NOTIFY& notification) {
                    if (notification.NotifyType == phase) {
                        end_thread();
                    }
                };
                for (std::size_t i = 0; i < 3; ++i) {
                    const Recorder::Action action = i == place ? Recorder::Action(end) : nullptr;
                    clients.push_back(std::make_unique<Client>(object_, action));
                }
                EXPECT_EQ(S_OK, host_.work_offline(true)); // with BLOCK
                EXPECT_EQ(S_OK, host_.work_offline(false));
                for (std::size_t i = 0; i < 3; ++i) {
                    const auto received = i == place ? Lines(all.begin(), all.begin() + phase) : all;
                    EXPECT_EQ(received, (*clients[i])->texts());
                    EXPECT_EQ(S_OK, clients[i]->unadvise());
                    EXPECT_EQ(1u, (*clients[i])->references());
                }
            }
        }
    }
}

TEST_F(EndingThread, LeavesTheNextChangeToAnother) {
    PROVES("NOTIFY-10@8fcd SET-6@8240");
    FAULTS("client", 1);
    const Client stays_online(object_, [&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
            notification.Info.StateChange.ulStateNew == MAPIOFFLINE_STATE_OFFLINE) {
            EXPECT_EQ(S_OK, set_state(object_, MAPIOFFLINE_STATE_ONLINE));
            exit_thread();
        }
    });
    const Client other(object_);
    EXPECT_EQ(S_OK, host_.work_offline(true));
    host_.drain();
    EXPECT_EQ(going_offline, stays_online->texts());
    EXPECT_EQ(going_offline + going_online, other->texts());
}

TEST_F(EndingThread, WakesWhoUnadvises) {
    PROVES("NOTIFY-10@8fcd UNADVISE-3@83fa");
    FAULTS("client", 1);
    Event in_notify;
    Event go_on;
    const ComPtr<Recorder> ends = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
        in_notify.set();
        EXPECT_TRUE(go_on.wait());
        exit_thread();
    });
    const ULONG token = advise(object_, ends.Get());
    ASSERT_EQ(S_OK, host_.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    ASSERT_TRUE(in_notify.wait());
    ParallelCall unadvising([&] { EXPECT_EQ(S_OK, unadvise(object_, token)); });
    EXPECT_TRUE(unadvising.waits());
    go_on.set();
    unadvising.join();
    EXPECT_EQ(1u, ends->references());
    host_.drain();
    EXPECT_EQ(1u, ends->received().size());
    EXPECT_EQ(S_OK, host_.work_offline(false));
    expect_good_is_served();
}

TEST_F(EndingThread, ReleasesWhoHasUnadvisedItself) {
    PROVES("NOTIFY-10@8fcd UNADVISE-2@2b77");
    FAULTS("client", 2);
    for (const Function end_in : {Function::notify, Function::release}) {
        ULONG token = 0;
        const ComPtr<Fragile> fragile = Fragile::create([&](Function where) {
            if (where == Function::notify) {
                EXPECT_EQ(S_OK, unadvise(object_, token));
            }
            if (where == end_in) {
                exit_thread();
            }
        });
        token = advise(object_, fragile.Get());
        expect_good_is_served();
        EXPECT_EQ(1u, fragile->references());
        fragile->set_broken(false);
    }
}

TEST_F(EndingThread, OfTheManualDispatcherIsFollowedByTheNextOne) {
    PROVES("NOTIFY-10@8fcd HOST-5@465e");
    FAULTS("client", 1);
    offline_state::ManualDispatcher dispatcher;
    const offline_state::Host other(L"Other");
    const ComPtr<Recorder> before = Recorder::create();
    const ComPtr<Recorder> ends = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE) {
            exit_thread();
        }
    });
    const ComPtr<Recorder> behind = Recorder::create();
    for (const auto& each : {before, ends, behind}) {
        advise(other.object(), each.Get());
    }
    ASSERT_EQ(S_OK, set_state(other.object(), MAPIOFFLINE_STATE_OFFLINE));
    std::thread([&] { dispatcher.deliver_all(); }).join();
    EXPECT_EQ(2u, ends->received().size());
    EXPECT_EQ(1u, behind->received().size());
    EXPECT_EQ(2u, dispatcher.deliver_all()); // the rest of STATECHANGE, and DONE
    EXPECT_EQ(2u, ends->received().size());
    EXPECT_EQ(going_offline, before->texts());
    EXPECT_EQ(going_offline, behind->texts());
}

TEST_F(EndingThread, ThatNoneCanFollowGoesOnItself) {
    PROVES("NOTIFY-10@8fcd");
    FAULTS("client", 1);
    FAULTS("thread", 1);
    std::unique_ptr<FailThread> fail;
    const ComPtr<Recorder> ends = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
        fail = std::make_unique<FailThread>(); // of this thread
        exit_thread();
    });
    const ComPtr<Recorder> behind = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) { // on the same thread
        if (fail) {
            EXPECT_EQ(1, FailThread::failures());
            fail.reset();
        }
    });
    const ULONG token = advise(object_, ends.Get());
    const ULONG behind_token = advise(object_, behind.Get());
    EXPECT_EQ(S_OK, host_.work_offline(true));
    EXPECT_EQ(nullptr, fail);
    EXPECT_EQ(going_offline, behind->texts());
    unadvise(object_, token);
    unadvise(object_, behind_token);
    EXPECT_EQ(S_OK, host_.work_offline(false));
    expect_good_is_served();
}

TEST_F(EndingThread, MayBeTheLastOneThatHasTheObject) {
    PROVES("NOTIFY-10@8fcd NOTIFY-6@71cd");
    FAULTS("client", 1);
    auto other = std::make_unique<offline_state::Host>(L"Other"); // the dispatcher is not another one's
    Event may_end;
    Object object = other->object();
    Event has_ended;
    ComPtr<Recorder> ends = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
        EXPECT_TRUE(may_end.wait());
        object.Reset();
        has_ended.set();
        exit_thread();
    });
    advise(object.Get(), ends.Get());
    ASSERT_EQ(S_OK, other->work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    other.reset();
    may_end.set();
    ASSERT_TRUE(has_ended.wait());
    host_.drain(); // behind the change
    EXPECT_EQ(1u, ends->received().size());
    EXPECT_EQ(1u, ends->references());
    EXPECT_FALSE(exists(L"Other"));
}

TEST(EndingNotificationThread, MayDestroyItsDispatcherFirst) { // by itself: the fixture's object keeps the process's
    PROVES("NOTIFY-10@8fcd NOTIFY-6@71cd");
    FAULTS("client", 1);
    using offline_state::Dispatcher;
    auto dispatcher = std::make_unique<Dispatcher>();
    const auto delivered = std::make_shared<Event>();
    Event may_end;
    dispatcher->post([&, delivered, has_ended = false]() mutable {
        if (!std::exchange(has_ended, true)) {
            EXPECT_TRUE(may_end.wait());
            dispatcher.reset();
            exit_thread();
        }
        delivered->set(); // on the thread that has replaced it
        return false;
    });
    may_end.set();
    EXPECT_TRUE(delivered->wait());
}

TEST_F(EndingThread, OfAClientLeavesEverythingWhole) {
    PROVES("NOTIFY-10@8fcd UNADVISE-2@2b77 UNADVISE-4@80c0");
    FAULTS("client", 4);
    const auto ends_in = [](Function function) {
        return Fragile::create([function](Function where) {
            if (where == function) {
                exit_thread();
            }
        });
    };
    const auto expect_end = [](const std::function<void()>& call) {
        std::thread([&] {
            call();
            ADD_FAILURE() << "the thread has not ended";
        }).join();
    };
    const ComPtr<Fragile> ends_in_query = ends_in(Function::query_interface);
    expect_end([&] { advise(object_, ends_in_query.Get()); });
    EXPECT_EQ(1u, ends_in_query->references());

    const ComPtr<Fragile> ends_in_release = ends_in(Function::release);
    const ULONG token = advise(object_, ends_in_release.Get());
    expect_end([&] { unadvise(object_, token); });
    EXPECT_EQ(1u, ends_in_release->references());

    const ComPtr<Recorder> behind = Recorder::create();
    IMAPIOfflineMgr* last = nullptr; // a ComPtr's destructor lets no thread end
    auto other = std::make_unique<offline_state::Host>(L"Other");
    for (const bool is_of_the_parent : {false, true}) { // which ends with its child, when the host has gone
        Object provider = create_provider(L"Other", other->object());
        IMAPIOfflineMgr* const object = is_of_the_parent ? other->object() : provider.Get();
        advise(object, ends_in_release.Get());
        advise(object, behind.Get());
        last = provider.Detach();
        if (is_of_the_parent) {
            other.reset();
        }
        expect_end([&] { last->Release(); });
        EXPECT_EQ(1u, ends_in_release->references());
        EXPECT_EQ(1u, behind->references());
    }
    EXPECT_FALSE(exists(L"Other"));
    ends_in_query->set_broken(false);
    ends_in_release->set_broken(false);
    expect_good_is_served();
}

#endif

} // namespace
} // namespace offline_state_tests
