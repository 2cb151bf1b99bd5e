// Each allocation of each entry point fails in turn: the documented failure comes, nothing changes, nothing leaks.
#include "support/fail_allocation.h"
#include "support/object_tree.h"
#include "support/offline_state_test.h"

#include <chrono>
#include <new>
#include <optional>
#include <utility>

namespace offline_state_tests {
namespace {

class OutOfMemory : public OfflineStateTest {
protected:
    void TearDown() override { FAULTS("allocation", faults_); }

    /// Calls with 0, 1, 2, … allocations that succeed, until none fails. There must be at least `fewest`.
    template <class Call, class AfterFailure>
    void fail_each(HRESULT expected, Call call, AfterFailure after_failure, std::size_t fewest = 1) {
        for (std::size_t successes = 0;; ++successes) {
            HRESULT result = S_OK;
            bool failed = false;
            {
                const FailAllocation fail(successes);
                result = call();
                failed = FailAllocation::has_failed();
            }
            if (!failed) {
                EXPECT_EQ(S_OK, result);
                EXPECT_LE(fewest, successes);
                return;
            }
            EXPECT_EQ(expected, result) << "after " << successes << " allocations";
            ++faults_;
            after_failure();
        }
    }

    /// The same for what throws std::bad_alloc.
    template <class Call, class AfterFailure>
    void throw_each(Call call, AfterFailure after_failure) {
        fail_each(
            E_OUTOFMEMORY,
            [&call] {
                try {
                    call();
                } catch (const std::bad_alloc&) {
                    return E_OUTOFMEMORY;
                }
                return S_OK;
            },
            after_failure);
    }

    int faults_ = 0;
};

/// A callback that allocates nothing.
struct Silent final : Counted<Silent, IMAPIOfflineNotify> {
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY*) override { ++calls; }
    int calls = 0;
};

constexpr LPCWSTR long_name = L"A profile whose name does not fit into a small string";

TEST_F(OutOfMemory, HrCreateOfflineObjCreatesNothing) {
    PROVES("CREATE-10@4aef");
    MAPIOFFLINE_CREATEINFO info = global_info(long_name);
    IMAPIOfflineMgr* object = nullptr;
    fail_each(
        E_OUTOFMEMORY, [&] { return HrCreateOfflineObj(0, &info, &object); },
        [&] {
            EXPECT_EQ(nullptr, object);
            EXPECT_FALSE(exists(info.pwszProfileName));
        });
    EXPECT_EQ(0u, object->Release());
}

TEST_F(OutOfMemory, HrOpenOfflineObjFindsNothing) {
    PROVES("OPEN-3.1@1989");
    const offline_state::Host host(long_name);
    ComPtr<IMAPIOfflineMgr> object;
    fail_each(
        MAPI_E_NOT_FOUND, [&] { return open(long_name, object); },
        [&] {
            EXPECT_EQ(nullptr, object.Get());
            EXPECT_EQ(1u, references_of(host.object()));
        });
}

TEST_F(OutOfMemory, AdviseRegistersNothing) {
    PROVES("ADVISE-1.1@7ace");
    offline_state::Host host(profile);
    const ComPtr<Recorder> callback = Recorder::create();
    const ComPtr<Recorder> earlier = Recorder::create();
    advise_until_memory_is_needed(host.object(), earlier.Get());
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    ULONG token = poison;
    fail_each(
        E_OUTOFMEMORY, [&] { return host.object()->Advise(0, &info, &token); },
        [&] {
            EXPECT_EQ(0u, token);
            EXPECT_EQ(1u, callback->references());
        });
    host.work_offline(true);
    EXPECT_EQ(going_offline, callback->texts());
    unadvise(host.object(), token);
}

TEST_F(OutOfMemory, AdviseFailsWhileAllTokensAreTaken) {
    PROVES("ADVISE-1.1@7ace");
#ifdef OFFLINE_STATE_SANITIZED
    GTEST_SKIP() << "a million calls on one thread take a sanitizer long, and show it nothing new";
#endif
    const offline_state::Host host(profile);
    IMAPIOfflineMgr* const object = host.object();
    const ComPtr<Silent> callback = Silent::create();
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    ULONG given = 0;
    ULONG last = 0;
    ULONG token = poison;
    HRESULT result = S_OK;
    while ((result = object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token)) == S_OK) {
        ++given;
        last = std::exchange(token, poison);
        ASSERT_NE(0u, last);
    }
    EXPECT_EQ(E_OUTOFMEMORY, result);
    EXPECT_EQ(0u, token);
    EXPECT_EQ(1 + given, callback->references());
    EXPECT_EQ(S_OK, unadvise(object, last));
    EXPECT_EQ(given, callback->references());
    ASSERT_EQ(S_OK, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    EXPECT_NE(last, token);
    EXPECT_EQ(E_OUTOFMEMORY, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
}

TEST_F(OutOfMemory, ReadingUnadvisingAndNotifyingNeedNone) {
    PROVES("SET-9@57c3 UNADVISE-1@37c9");
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    const ComPtr<Silent> callback = Silent::create();
    const ULONG token = advise(host.object(), callback.Get());
    set_state(host.object(), offline);
    ULONG value = poison;
    const FailAllocation fail(0);
    EXPECT_EQ(S_OK, host.object()->GetCapabilities(&value));
    EXPECT_EQ(S_OK, host.object()->GetCurrentState(&value));
    const std::size_t phases = dispatcher.deliver_all();
    EXPECT_EQ(S_OK, host.object()->Unadvise(0, token));
    EXPECT_FALSE(FailAllocation::has_failed());
    EXPECT_EQ(3u, phases);
    EXPECT_EQ(3, callback->calls);
}

TEST_F(OutOfMemory, AProvidersObjectIsNotCreated) {
    PROVES("CREATE-10@4aef");
    const offline_state::Host host(long_name);
    ComPtr<IMAPIOfflineMgr> provider;
    fail_each(
        E_OUTOFMEMORY, [&] { return try_create_provider(long_name, host.object(), provider); },
        [&] {
            EXPECT_EQ(nullptr, provider.Get());
            EXPECT_EQ(1u, references_of(host.object())); // no child holds it
        });
    EXPECT_EQ(2u, references_of(host.object()));
}

TEST_F(OutOfMemory, AStoresObjectIsNotCreated) {
    PROVES("CREATE-10@4aef");
    const offline_state::Host host(long_name);
    const ComPtr<IMAPIOfflineMgr> provider = create_provider(long_name, host.object());
    const ComPtr<Store> outer = Store::create();
    fail_each(
        E_OUTOFMEMORY, [&] { return outer->aggregate(provider, long_name); },
        [&] {
            EXPECT_EQ(nullptr, outer->inner().Get());
            EXPECT_EQ(1u, references_of(provider.Get()));
            EXPECT_EQ(1u, outer->references());
        });
    EXPECT_EQ(2u, references_of(provider.Get()));
}

TEST_F(OutOfMemory, SetCurrentStateStartsNothing) {
    PROVES("SET-9@57c3");
    offline_state::Host host(profile);
    // One is notified and one is not, so the audience must be listed.
    const Object able = create_provider(profile, host.object());
    const Object unable = create_provider(profile, host.object(), instance_guid, instance_guid, 0);
    for (const ULONG flags : {by_default, block}) {
        const ULONG to = other(state_of(host.object()));
        const Client callback(able);
        const auto nothing_has_changed = [&] {
            host.drain();
            for (const ObjectRef object : {ObjectRef(host.object()), ObjectRef(able), ObjectRef(unable)}) {
                EXPECT_EQ(other(to), state_of(object));
            }
            EXPECT_EQ(Lines{}, callback->texts());
        };
        fail_each(E_OUTOFMEMORY, [&] { return set_state(host.object(), to, flags); }, nothing_has_changed, 3);
        host.drain();
        EXPECT_EQ(change_from(other(to), to), callback->texts());
    }
}

/// What the host kit needs memory for.
TEST_F(OutOfMemory, TheHostKitSaysSoAndChangesNothing) {
    PROVES("HOST-1@83b2 HOST-3@b547");
    std::optional<offline_state::Host> host;
    throw_each([&] { host.emplace(long_name); }, [&] { EXPECT_FALSE(exists(long_name)); });
    fail_each(
        E_OUTOFMEMORY, [&] { return host->send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0); }, [] {});
    throw_each([&] { host->drain(); }, [] {});
    throw_each([] { const offline_state::ManualDispatcher manual; }, [] {});
    throw_each([] { const offline_state::NotifyTimeLimit limit(std::chrono::hours(1)); }, [] {});
    const offline_state::ManualDispatcher one; // none of those that failed is still in the way
    const offline_state::NotifyTimeLimit limit(std::chrono::hours(1));
}

TEST_F(OutOfMemory, ASinkThatCannotBeInstalledLeavesTheOneBefore) {
    PROVES("TRACE-1@aca3");
    int events = 0;
    offline_state::set_trace_sink([&events](const offline_state::TraceEvent&) { ++events; });
    const offline_state::TraceSink next = [](const offline_state::TraceEvent&) {};
    throw_each([&] { offline_state::set_trace_sink(next); },
               [&] {
                   const int so_far = events;
                   EXPECT_FALSE(exists(profile));
                   EXPECT_EQ(so_far + 1, events);
               });
    offline_state::set_trace_sink({});
}

/// With a sink installed: the trace may lack words or lines, but what is asked for is done.
TEST_F(OutOfMemory, NoMemoryForTheTraceChangesNoResult) {
    PROVES("TRACE-3@05e7 UNADVISE-1@37c9 NOTIFY-1.1@2cdc");
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    IMAPIOfflineMgr* const object = host.object();
    const ComPtr<Silent> callback = Silent::create();
    int events = 0;
    offline_state::set_trace_sink([&events](const offline_state::TraceEvent&) { ++events; });
    const auto does_the_same = [&](auto call) { fail_each(S_OK, call, [] {}, 0); };
    ULONG value = poison;
    does_the_same([&] { return object->GetCapabilities(&value); });
    does_the_same([&] { return object->GetCurrentState(&value); });
    does_the_same([&] { return set_state(object, online); });
    does_the_same([&] { return object->Unadvise(0, 77); });
    does_the_same([&] {
        ComPtr<IMAPIOffline> face;
        return object->QueryInterface(IID_PPV_ARGS(face.GetAddressOf()));
    });
    advise(object, callback.Get());
    int changes = 0;
    for (std::size_t successes = 0; successes < 12; ++successes) {
        ASSERT_EQ(S_OK, set_state(object, changes % 2 == 0 ? offline : online));
        ++changes;
        const FailAllocation fail(successes);
        while (dispatcher.deliver_phase()) {
        }
        faults_ += FailAllocation::has_failed() ? 1 : 0;
    }
    EXPECT_EQ(3 * changes, callback->calls);
    EXPECT_LT(0, events);
    EXPECT_LT(20, faults_);
    offline_state::set_trace_sink({});
    host.drain();
}

} // namespace
} // namespace offline_state_tests
