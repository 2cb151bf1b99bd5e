// Each allocation of each entry point fails in turn: the documented failure comes, nothing changes, nothing leaks.
#include "support/offline_state_test.h"

namespace offline_state_tests {
namespace {

class OutOfMemory : public OfflineStateTest {
protected:
    /// Calls with 0, 1, 2, … allocations that succeed, until none fails. Gives how many there are.
    template <class Call, class AfterFailure>
    static int fail_each(HRESULT expected, Call call, AfterFailure after_failure) {
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
                return static_cast<int>(successes);
            }
            EXPECT_EQ(expected, result) << "after " << successes << " allocations";
            after_failure();
        }
    }
};

TEST_F(OutOfMemory, HrCreateOfflineObjCreatesNothing) {
    PROVES("CREATE-10@7992");
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = L"A profile whose name does not fit into a small string";
    info.pGUID = &GUID_GlobalState;
    IMAPIOfflineMgr* object = nullptr;
    EXPECT_LT(0, fail_each(
                     E_OUTOFMEMORY, [&] { return HrCreateOfflineObj(0, &info, &object); },
                     [&] {
                         EXPECT_EQ(nullptr, object);
                         EXPECT_FALSE(profile_exists(info.pwszProfileName));
                     }));
    EXPECT_EQ(0u, object->Release());
}

TEST_F(OutOfMemory, HrOpenOfflineObjFindsNothing) {
    PROVES("OPEN-3.1@03ff");
    const LPCWSTR name = L"A profile whose name does not fit into a small string";
    const offline_state::Host host(name);
    ComPtr<IMAPIOfflineMgr> object;
    EXPECT_LT(0, fail_each(
                     MAPI_E_NOT_FOUND, [&] { return open(name, object); },
                     [&] {
                         EXPECT_EQ(nullptr, object.Get());
                         EXPECT_EQ(1u, references_of(host.object()));
                     }));
}

TEST_F(OutOfMemory, AdviseRegistersNothing) {
    PROVES("ADVISE-1.1@4623");
    offline_state::Host host(profile);
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ComPtr<FakeNotify> earlier = FakeNotify::create();
    advise_until_memory_is_needed(host.object(), earlier.Get());
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    ULONG token = poison;
    EXPECT_LT(0, fail_each(
                     E_OUTOFMEMORY, [&] { return host.object()->Advise(0, &info, &token); },
                     [&] {
                         EXPECT_EQ(0u, token);
                         EXPECT_EQ(1u, callback->references());
                     }));
    host.work_offline(true);
    EXPECT_EQ(going_offline, callback->texts());
    unadvise(host.object(), token);
}

TEST_F(OutOfMemory, SetCurrentStateStartsNothing) {
    PROVES("SET-9@57c3");
    offline_state::Host host(profile);
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(host.object(), callback.Get());
    EXPECT_LT(0, fail_each(
                     E_OUTOFMEMORY, [&] { return set_state(host.object(), MAPIOFFLINE_STATE_OFFLINE); },
                     [&] {
                         host.drain();
                         EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state_of(host.object()));
                     }));
    host.drain();
    EXPECT_EQ(going_offline, callback->texts());
    unadvise(host.object(), token);
}

TEST_F(OutOfMemory, ReadingUnadvisingAndNotifyingNeedNone) {
    PROVES("SET-9@57c3 UNADVISE-1@37c9");
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    struct Silent final : IMAPIOfflineNotify { // allocates nothing
        HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void** ppvObject) override {
            *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
            return S_OK;
        }
        ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
        ULONG STDMETHODCALLTYPE Release() override { return 1; }
        void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY*) override { ++calls; }
        int calls = 0;
    } callback;
    const ULONG token = advise(host.object(), &callback);
    set_state(host.object(), MAPIOFFLINE_STATE_OFFLINE);
    ULONG value = poison;
    const FailAllocation fail(0);
    EXPECT_EQ(S_OK, host.object()->GetCapabilities(&value));
    EXPECT_EQ(S_OK, host.object()->GetCurrentState(&value));
    const std::size_t phases = dispatcher.deliver_all();
    EXPECT_EQ(S_OK, host.object()->Unadvise(0, token));
    EXPECT_FALSE(FailAllocation::has_failed());
    EXPECT_EQ(3u, phases);
    EXPECT_EQ(3, callback.calls);
}

} // namespace
} // namespace offline_state_tests
