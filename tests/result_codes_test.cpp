// Each result that the headers' @retval lists name, from each function. The guide's table of result codes is made of
// what these tests record, and the guide is not built when a list and the records differ (tools/tables.py).
#include "support/fail_allocation.h"
#include "support/offline_state_test.h"

#include <cstdio>
#include <string>

namespace offline_state_tests {
namespace {

class ResultCodes : public OfflineStateTest {
protected:
    void TearDown() override { RecordProperty("results", records_); }

    /// Records what a function has returned.
    void returns(HRESULT expected, const std::string& function, HRESULT result) {
        EXPECT_EQ(expected, result) << function;
        char code[16];
        std::snprintf(code, sizeof code, "=0x%08X", static_cast<unsigned>(result));
        records_ += (records_.empty() ? "" : " ") + function + code;
    }

    /// The same with the first allocation failing.
    template <class Call>
    void without_memory(HRESULT expected, const std::string& function, Call call) {
        HRESULT result = S_OK;
        {
            const FailAllocation fail(0);
            result = call();
        }
        returns(expected, function, result);
    }

private:
    std::string records_;
};

TEST_F(ResultCodes, OfHrOpenOfflineObj) {
    const offline_state::Host host(profile);
    ComPtr<IMAPIOfflineMgr> object;
    returns(S_OK, "HrOpenOfflineObj", open(profile, object));
    returns(MAPI_E_NOT_FOUND, "HrOpenOfflineObj", open(L"No such profile", object));
}

TEST_F(ResultCodes, OfHrCreateOfflineObj) {
    MAPIOFFLINE_CREATEINFO info = global_info(profile);
    ComPtr<IMAPIOfflineMgr> object;
    const auto create = [&](ULONG flags = 0) {
        return HrCreateOfflineObj(flags, &info, object.ReleaseAndGetAddressOf());
    };
    returns(S_OK, "HrCreateOfflineObj", create());
    returns(E_INVALIDARG, "HrCreateOfflineObj", create(1));
    without_memory(E_OUTOFMEMORY, "HrCreateOfflineObj", create);
}

TEST_F(ResultCodes, OfSetCurrentState) {
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    const std::string function = "IMAPIOffline::SetCurrentState";
    const auto go_offline = [&] { return set_state(host.object(), MAPIOFFLINE_STATE_OFFLINE); };
    returns(E_INVALIDARG, function, host.object()->SetCurrentState(1, 0, 0, nullptr));
    without_memory(E_OUTOFMEMORY, function, go_offline);
    returns(S_OK, function, go_offline());
    returns(E_PENDING, function, go_offline());
    dispatcher.deliver_all();
}

TEST_F(ResultCodes, OfTheQuestions) {
    const offline_state::Host host(profile);
    ULONG value = poison;
    returns(S_OK, "IMAPIOffline::GetCapabilities", host.object()->GetCapabilities(&value));
    returns(E_INVALIDARG, "IMAPIOffline::GetCapabilities", host.object()->GetCapabilities(nullptr));
    returns(S_OK, "IMAPIOffline::GetCurrentState", host.object()->GetCurrentState(&value));
    returns(E_INVALIDARG, "IMAPIOffline::GetCurrentState", host.object()->GetCurrentState(nullptr));
}

TEST_F(ResultCodes, OfAdviseAndUnadvise) {
    const offline_state::Host host(profile);
    const ComPtr<Recorder> callback = Recorder::create();
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    ULONG token = poison;
    const std::string function = "IMAPIOfflineMgr::Advise";
    const auto call = [&](ULONG flags = MAPIOFFLINE_ADVISE_DEFAULT) {
        return host.object()->Advise(flags, &info, &token);
    };
    returns(E_INVALIDARG, function, call(1));
    advise_until_memory_is_needed(host.object(), callback.Get());
    without_memory(E_OUTOFMEMORY, function, call);
    info.pCallback = host.object(); // a COM object, and no IMAPIOfflineNotify
    returns(E_NOINTERFACE, function, call());
    info.pCallback = callback.Get();
    returns(S_OK, function, call());
    returns(S_OK, "IMAPIOfflineMgr::Unadvise", unadvise(host.object(), token));
}

TEST_F(ResultCodes, OfThePlaceholders) {
    const offline_state::Host host(profile);
    returns(E_NOTIMPL, "IMAPIOffline::Placeholder6", host.object()->Placeholder6());
    for (int slot = 9; slot <= 15; ++slot) {
        const auto placeholder = placeholders[slot - 8]; // g++'s UBSan misreads the index inside ->*
        returns(E_NOTIMPL, "IMAPIOfflineMgr::Placeholder" + std::to_string(slot), (host.object()->*placeholder)());
    }
}

TEST_F(ResultCodes, OfTheHostKit) {
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host host(profile);
    const Client callback(host.object());
    const std::string function = "offline_state::Host::send_other_notification";
    const auto send = [&](ULONG mask = 0) {
        return host.send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, mask);
    };
    returns(S_OK, function, send());
    returns(E_INVALIDARG, function, send(MAPIOFFLINE_STATE_OFFLINE_MASK));
    without_memory(E_OUTOFMEMORY, function, send);
    dispatcher.deliver_all();
}

} // namespace
} // namespace offline_state_tests
