// The page "IMAPIOfflineMgr::Advise".
#include "support/offline_state_test.h"

#include <functional>
#include <set>

namespace offline_state_tests {
namespace {

class IMAPIOfflineMgrAdvise : public OfflineStateTest {
protected:
    /// Advises with one thing changed and expects that nothing comes of it.
    void refuse(HRESULT expected, const std::function<void(MAPIOFFLINE_ADVISEINFO&)>& change, ULONG flags = 0) {
        const ComPtr<FakeNotify> callback = FakeNotify::create();
        MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
        change(info);
        ULONG token = poison;
        EXPECT_EQ(expected, object_->Advise(flags, &info, &token));
        EXPECT_EQ(0u, token);
        EXPECT_EQ(1u, callback->references());
        host_.work_offline(state_of(object_) == MAPIOFFLINE_STATE_ONLINE);
        EXPECT_EQ(0u, callback->notifications().size());
    }

    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

TEST_F(IMAPIOfflineMgrAdvise, GivesATokenThatIsNeverZeroAndNeverUsedAgain) {
    PROVES("ADVISE-1@a838 ADVISE-1.1@4623");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    std::set<ULONG> tokens;
    for (int i = 0; i < 10'000; ++i) { // more often than a slot can be used
        const ULONG token = advise(object_, callback.Get());
        EXPECT_NE(0u, token);
        EXPECT_TRUE(tokens.insert(token).second);
        unadvise(object_, token);
    }
}

TEST_F(IMAPIOfflineMgrAdvise, RefusesEachWrongArgument) {
    PROVES("ADVISE-2@08ca ADVISE-2.1@90f2 TYPE-3@42c7");
    refuse(E_INVALIDARG, [](auto&) {}, 1);
    refuse(E_INVALIDARG, [](auto&) {}, 0xFFFFFFFF);
    refuse(E_INVALIDARG, [](auto& info) { info.ulSize -= 1; });
    refuse(E_INVALIDARG, [](auto& info) { info.ulSize += 4; });
    refuse(E_INVALIDARG, [](auto& info) { info.ulSize = 0; });
    refuse(E_INVALIDARG, [](auto& info) { info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(1); });
    refuse(E_INVALIDARG, [](auto& info) { info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(-1); });
    refuse(E_INVALIDARG, [](auto& info) { info.ulAdviseTypes = 0; });
    refuse(E_INVALIDARG, [](auto& info) { info.ulAdviseTypes = 3; });
    refuse(E_INVALIDARG, [](auto& info) { info.ulStateMask = MAPIOFFLINE_STATE_OFFLINE_MASK; });
    refuse(E_INVALIDARG, [](auto& info) { info.ulStateMask = 0xFFFFFFFF; });
}

TEST_F(IMAPIOfflineMgrAdvise, RefusesANullCallback) {
    PROVES("ADVISE-2.1@90f2");
    refuse(E_INVALIDARG, [](auto& info) { info.pCallback = nullptr; });
}

TEST_F(IMAPIOfflineMgrAdvise, RefusesNullPointers) {
    PROVES("ADVISE-2.1@90f2");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    ULONG token = poison;
    EXPECT_EQ(E_INVALIDARG, object_->Advise(MAPIOFFLINE_ADVISE_DEFAULT, nullptr, &token));
    EXPECT_EQ(0u, token);
    EXPECT_EQ(E_INVALIDARG, object_->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, nullptr));
    EXPECT_EQ(E_INVALIDARG, object_->Advise(MAPIOFFLINE_ADVISE_DEFAULT, nullptr, nullptr));
    EXPECT_EQ(1u, callback->references());
}

TEST_F(IMAPIOfflineMgrAdvise, RefusesACallbackWithoutTheInterface) {
    PROVES("ADVISE-3@2a96 ADVISE-3.1@1287");
    const offline_state::Host other(L"Other"); // an object that is no IMAPIOfflineNotify
    const ULONG references = references_of(other.object());
    refuse(E_NOINTERFACE, [&](auto& info) { info.pCallback = other.object(); });
    EXPECT_EQ(references, references_of(other.object()));
}

/// Breaks COM's rules: says yes and gives nothing.
class LyingUnknown final : public IUnknown {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void** ppvObject) override {
        *ppvObject = nullptr;
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
};

TEST_F(IMAPIOfflineMgrAdvise, RefusesACallbackThatGivesNull) {
    PROVES("ADVISE-3.1@1287");
    LyingUnknown lying;
    refuse(E_NOINTERFACE, [&](auto& info) { info.pCallback = &lying; });
}

TEST_F(IMAPIOfflineMgrAdvise, HoldsOneReferenceForEachRegistration) {
    PROVES("ADVISE-4@3bb2");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG first = advise(object_, callback.Get());
    EXPECT_EQ(2u, callback->references());
    const ULONG second = advise(object_, callback.Get());
    EXPECT_EQ(3u, callback->references());
    unadvise(object_, first);
    EXPECT_EQ(2u, callback->references());
    unadvise(object_, second);
    EXPECT_EQ(1u, callback->references());
}

TEST_F(IMAPIOfflineMgrAdvise, KeepsTheCallbackAlive) {
    PROVES("ADVISE-4@3bb2");
    ComPtr<FakeNotify> callback = FakeNotify::create();
    FakeNotify* const borrowed = callback.Get();
    const ULONG token = advise(object_, callback.Get());
    callback.Reset();
    host_.work_offline(true);
    EXPECT_EQ(going_offline, borrowed->texts());
    EXPECT_EQ(1, FakeNotify::alive());
    unadvise(object_, token);
    EXPECT_EQ(0, FakeNotify::alive());
}

TEST_F(IMAPIOfflineMgrAdvise, DoesNotKeepTheStructure) {
    PROVES("ADVISE-2@08ca NOTIFY-1@4011");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    ULONG token = poison;
    {
        MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get(), 7);
        ASSERT_EQ(S_OK, object_->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
        info = {};
    }
    host_.work_offline(true);
    ASSERT_EQ(3u, callback->notifications().size());
    EXPECT_EQ(7u, callback->notifications().front().ulClientToken);
    unadvise(object_, token);
}

TEST_F(IMAPIOfflineMgrAdvise, TakesTheSameCallbackManyTimes) {
    PROVES("ADVISE-5@4da9");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG first = advise(object_, callback.Get(), 1);
    const ULONG second = advise(object_, callback.Get(), 2);
    EXPECT_NE(first, second);
    host_.work_offline(true);
    std::vector<ULONG> client_tokens;
    for (const MAPIOFFLINE_NOTIFY& notification : callback->notifications()) {
        client_tokens.push_back(notification.ulClientToken);
    }
    EXPECT_EQ((std::vector<ULONG>{1, 2, 1, 2, 1, 2}), client_tokens);
    unadvise(object_, first);
    host_.work_offline(false);
    EXPECT_EQ(9u, callback->notifications().size());
    unadvise(object_, second);
}

} // namespace
} // namespace offline_state_tests
