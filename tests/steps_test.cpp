// The step headers, which are what users copy.
#include "support/offline_state_test.h"

#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step3_ask_capabilities.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"

namespace offline_state_tests {
namespace {

namespace samples = offline_state_samples;

class Steps : public OfflineStateTest {
protected:
    ComPtr<samples::OfflineNotify> record() {
        return samples::OfflineNotify::create(
            [this](const samples::StateChange& change) { changes_.push_back(change); });
    }

    offline_state::Host host_{profile};
    std::vector<samples::StateChange> changes_;
};

MAPIOFFLINE_NOTIFY notification(int type, ULONG mask, ULONG state_old, ULONG state_new) {
    MAPIOFFLINE_NOTIFY all{};
    all.ulSize = sizeof all;
    all.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(type);
    all.ulClientToken = 7;
    all.Info.StateChange = {mask, state_old, state_new};
    return all;
}

TEST_F(Steps, Step1IgnoresWhatIsNotPartOfTheApi) {
    PROVES("ABOUT-5@7b46 NOTIFY-8@c08f");
    const auto callback = record();
    for (const int type : {-1, 0, 4, 17}) {
        const MAPIOFFLINE_NOTIFY other = notification(type, MAPIOFFLINE_STATE_OFFLINE_MASK, 2, 1);
        callback->Notify(&other);
    }
    for (const ULONG mask : {0u, 1u, 2u, 0x00010000u, 0x00010003u, 0xFFFFFFFFu}) {
        const MAPIOFFLINE_NOTIFY other = notification(2, mask, 2, 1);
        callback->Notify(&other);
    }
    callback->Notify(nullptr);
    EXPECT_TRUE(changes_.empty());
}

TEST_F(Steps, Step1MasksTheStates) {
    PROVES("GET-1.1@d0de");
    const auto callback = record();
    const MAPIOFFLINE_NOTIFY other = notification(3, MAPIOFFLINE_STATE_OFFLINE_MASK, 0x00010002, 0x00030301);
    callback->Notify(&other);
    ASSERT_EQ(1u, changes_.size());
    EXPECT_EQ(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE, changes_[0].phase);
    EXPECT_EQ(7u, changes_[0].client_token);
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), changes_[0].state_old);
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE), changes_[0].state_new);
}

TEST_F(Steps, Step1FollowsComsRules) {
    const auto callback = record();
    EXPECT_EQ(2u, callback->AddRef());
    EXPECT_EQ(1u, callback->Release());
    EXPECT_EQ(E_POINTER, callback->QueryInterface(IID_IMAPIOfflineNotify, nullptr));
    void* none = &none;
    EXPECT_EQ(E_NOINTERFACE, callback->QueryInterface(IID_IMAPIOffline, &none));
    EXPECT_EQ(nullptr, none);
    ComPtr<IUnknown> unknown;
    EXPECT_EQ(S_OK, callback.As(&unknown));
    EXPECT_EQ(2u, references_of(callback.Get()));
}

TEST_F(Steps, Step1LetsNothingLeaveNotify) {
    const auto callback = samples::OfflineNotify::create([](const samples::StateChange&) { throw 1; });
    const MAPIOFFLINE_NOTIFY done = notification(3, MAPIOFFLINE_STATE_OFFLINE_MASK, 2, 1);
    EXPECT_NO_THROW(callback->Notify(&done));
}

TEST_F(Steps, Step1DoesNothingAfterItsEnd) {
    const auto callback = record();
    callback->end();
    const MAPIOFFLINE_NOTIFY done = notification(3, MAPIOFFLINE_STATE_OFFLINE_MASK, 2, 1);
    callback->Notify(&done);
    EXPECT_TRUE(changes_.empty());
}

TEST_F(Steps, AllFiveTogether) {
    PROVES("ABOUT-4@268b");
    ComPtr<IMAPIOfflineMgr> object;
    ASSERT_EQ(S_OK, samples::open_offline_object(HrOpenOfflineObj, profile, object));
    samples::Capabilities capabilities{};
    ASSERT_EQ(S_OK, samples::ask_capabilities(object.Get(), capabilities));
    EXPECT_TRUE(capabilities.offline && capabilities.online);
    const auto callback = record();
    ULONG token = 0;
    ASSERT_EQ(S_OK, samples::advise(object.Get(), callback.Get(), 7, token));
    {
        const samples::Registration registration(object, callback, token);
        EXPECT_EQ(3u, references_of(callback.Get()));
        host_.work_offline(true);
    }
    EXPECT_EQ(1u, references_of(callback.Get()));
    host_.work_offline(false);
    EXPECT_EQ(3u, changes_.size());
    ULONG state = 0;
    ASSERT_EQ(S_OK, samples::current_state(object.Get(), state));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state);
}

TEST_F(Steps, Step2LeavesNoOldObjectBehind) {
    ComPtr<IMAPIOfflineMgr> object(host_.object());
    EXPECT_EQ(MAPI_E_NOT_FOUND, samples::open_offline_object(HrOpenOfflineObj, L"Nobody", object));
    EXPECT_EQ(nullptr, object.Get());
    EXPECT_EQ(1u, references_of(host_.object()));
}

/// Sets bits that are not part of the API.
struct OtherBits final : IMAPIOffline {
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void**) override { return E_NOINTERFACE; }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG, ULONG, ULONG, void*) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* capabilities) override {
        *capabilities = bits;
        return result;
    }
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* state) override {
        *state = bits;
        return result;
    }
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return E_NOTIMPL; }
    ULONG bits = 0;
    HRESULT result = S_OK;
};

TEST_F(Steps, Step3MasksCapabilities) {
    PROVES("CAPS-1@6e9a");
    OtherBits object;
    for (const ULONG bits : {0u, 1u, 2u, 3u}) {
        object.bits = 0xFFFFFFFC | bits;
        samples::Capabilities capabilities{bits == 0, bits == 0};
        ASSERT_EQ(S_OK, samples::ask_capabilities(&object, capabilities));
        EXPECT_EQ((bits & MAPIOFFLINE_CAPABILITY_OFFLINE) != 0, capabilities.offline) << bits;
        EXPECT_EQ((bits & MAPIOFFLINE_CAPABILITY_ONLINE) != 0, capabilities.online) << bits;
    }
}

TEST_F(Steps, Step3MasksTheState) {
    PROVES("GET-1.1@d0de");
    OtherBits object;
    for (const ULONG expected : {ULONG{MAPIOFFLINE_STATE_ONLINE}, ULONG{MAPIOFFLINE_STATE_OFFLINE}}) {
        object.bits = 0xFFFFFFFC | expected;
        ULONG state = poison;
        ASSERT_EQ(S_OK, samples::current_state(&object, state));
        EXPECT_EQ(expected, state);
    }
}

TEST_F(Steps, Step3PassesAFailureOnAndTouchesNothing) {
    OtherBits object;
    object.result = E_FAIL;
    samples::Capabilities capabilities{true, true};
    EXPECT_EQ(E_FAIL, samples::ask_capabilities(&object, capabilities));
    EXPECT_TRUE(capabilities.offline && capabilities.online);
    ULONG state = poison;
    EXPECT_EQ(E_FAIL, samples::current_state(&object, state));
    EXPECT_EQ(poison, state);
}

TEST_F(Steps, Step5EndsOnceHoweverOftenItIsMoved) {
    const auto callback = record();
    ULONG token = 0;
    ASSERT_EQ(S_OK, samples::advise(host_.object(), callback.Get(), 0, token));
    samples::Registration first(host_.object(), callback, token);
    samples::Registration second(std::move(first));
    EXPECT_EQ(3u, references_of(callback.Get()));
    samples::Registration third;
    third = std::move(second);
    EXPECT_EQ(3u, references_of(callback.Get()));
    third.end();
    EXPECT_EQ(1u, references_of(callback.Get()));
    const MAPIOFFLINE_NOTIFY late = notification(3, MAPIOFFLINE_STATE_OFFLINE_MASK, 2, 1);
    callback->Notify(&late);
    EXPECT_TRUE(changes_.empty()) << "a Notify after the end does something";
    third.end();
    third = samples::Registration();
    EXPECT_EQ(1u, references_of(host_.object()));
}

} // namespace
} // namespace offline_state_tests
