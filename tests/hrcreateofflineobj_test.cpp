// The pages "HrCreateOfflineObj" and "MAPIOFFLINE_CREATEINFO".
#include "support/offline_state_test.h"

#include <functional>
#include <string>

namespace offline_state_tests {
namespace {

class HrCreateOfflineObjTest : public OfflineStateTest {
protected:
    static MAPIOFFLINE_CREATEINFO create_info(LPCWSTR profile_name = profile) {
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.pwszProfileName = profile_name;
        info.ulCapabilities = both_capabilities;
        info.pGUID = &GUID_GlobalState;
        return info;
    }

    /// Creates with one thing changed; the out-pointer must be null after a failure.
    static HRESULT create_with(const std::function<void(MAPIOFFLINE_CREATEINFO&)>& change) {
        MAPIOFFLINE_CREATEINFO info = create_info();
        change(info);
        IMAPIOfflineMgr* object = reinterpret_cast<IMAPIOfflineMgr*>(&info); // poisoned
        const HRESULT result = HrCreateOfflineObj(0, &info, &object);
        if (FAILED(result)) {
            EXPECT_EQ(nullptr, object);
        } else {
            object->Release();
        }
        EXPECT_FALSE(profile_exists(profile));
        return result;
    }
};

TEST_F(HrCreateOfflineObjTest, CreatesTheGlobalObject) {
    PROVES("CREATE-2@e26f CREATE-6@b449 ABOUT-2@6a58");
    MAPIOFFLINE_CREATEINFO info = create_info();
    ComPtr<IMAPIOfflineMgr> object;
    ASSERT_EQ(S_OK, HrCreateOfflineObj(0, &info, &object));
    EXPECT_EQ(1u, references_of(object.Get()));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state_of(object.Get()));
}

TEST_F(HrCreateOfflineObjTest, GivesTheObjectThatExists) {
    PROVES("CREATE-2@e26f CREATE-8@a021");
    MAPIOFFLINE_CREATEINFO info = create_info();
    ComPtr<IMAPIOfflineMgr> first;
    ASSERT_EQ(S_OK, HrCreateOfflineObj(0, &info, &first));
    ASSERT_EQ(S_OK, set_state(first.Get(), MAPIOFFLINE_STATE_OFFLINE, MAPIOFFLINE_FLAG_BLOCK));
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pwszProfileName = L"PROFILE";
    ComPtr<IMAPIOfflineMgr> second;
    ASSERT_EQ(S_OK, HrCreateOfflineObj(0, &info, &second));
    EXPECT_EQ(first.Get(), second.Get());
    EXPECT_EQ(2u, references_of(first.Get()));
    ULONG capabilities = poison;
    EXPECT_EQ(S_OK, second->GetCapabilities(&capabilities));
    EXPECT_EQ(both_capabilities, capabilities);
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE), state_of(second.Get()));
}

TEST_F(HrCreateOfflineObjTest, ObjectLivesWhileAnyoneHoldsIt) {
    PROVES("CREATE-5@a7c2");
    ComPtr<IMAPIOfflineMgr> opened;
    {
        const offline_state::Host host(profile);
        ASSERT_EQ(S_OK, open(profile, opened));
    }
    EXPECT_TRUE(profile_exists(profile));
    EXPECT_EQ(1u, references_of(opened.Get()));
    opened.Reset();
    EXPECT_FALSE(profile_exists(profile));
}

TEST_F(HrCreateOfflineObjTest, ANewObjectAfterTheLastReferenceStartsAnew) {
    PROVES("CREATE-5@a7c2 CREATE-6@b449");
    {
        offline_state::Host host(profile, MAPIOFFLINE_CAPABILITY_OFFLINE);
        ASSERT_EQ(S_OK, host.work_offline(true));
    }
    const offline_state::Host host(profile);
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state_of(host.object()));
    ULONG capabilities = poison;
    EXPECT_EQ(S_OK, host.object()->GetCapabilities(&capabilities));
    EXPECT_EQ(both_capabilities, capabilities);
}

TEST_F(HrCreateOfflineObjTest, RefusesABreachOfTheContract) {
    PROVES("CREATE-1@9530 TYPE-6@8595 TYPE-7@895d CREATE-1.1@9259");
    EXPECT_EQ(E_INVALIDARG, create_with([](auto& info) { info.ulSize -= 1; }));
    EXPECT_EQ(E_INVALIDARG, create_with([](auto& info) { info.ulSize += 8; }));
    EXPECT_EQ(E_INVALIDARG, create_with([](auto& info) { info.ulSize = 0; }));
    EXPECT_EQ(E_INVALIDARG, create_with([](auto& info) { info.ulCreateFlags = 1; }));
    EXPECT_EQ(E_INVALIDARG,
              create_with([](auto& info) { info.pConnectInfo = reinterpret_cast<MAPIOFFLINE_CONNECTINFO*>(&info); }));
    MAPIOFFLINE_AGGREGATEINFO aggregate{};
    aggregate.ulSize = sizeof aggregate - 1;
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& info) { info.pAggregateInfo = &aggregate; }));
    const ComPtr<FakeNotify> somebody = FakeNotify::create();
    aggregate = {sizeof aggregate, somebody.Get(), somebody.Get()};
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& info) { info.pAggregateInfo = &aggregate; }));
    EXPECT_EQ(1u, somebody->references());

    MAPIOFFLINE_CREATEINFO info = create_info();
    IMAPIOfflineMgr* object = reinterpret_cast<IMAPIOfflineMgr*>(&info);
    EXPECT_EQ(E_INVALIDARG, HrCreateOfflineObj(1, &info, &object));
    EXPECT_EQ(nullptr, object);
}

TEST_F(HrCreateOfflineObjTest, RefusesNullArgumentsAndBadNames) {
    PROVES("CREATE-7@eaa3");
    MAPIOFFLINE_CREATEINFO info = create_info();
    IMAPIOfflineMgr* object = reinterpret_cast<IMAPIOfflineMgr*>(&info);
    EXPECT_EQ(E_INVALIDARG, HrCreateOfflineObj(0, nullptr, &object));
    EXPECT_EQ(nullptr, object);
    EXPECT_EQ(E_INVALIDARG, HrCreateOfflineObj(0, &info, nullptr));
    EXPECT_EQ(E_INVALIDARG, HrCreateOfflineObj(0, nullptr, nullptr));

    EXPECT_EQ(E_INVALIDARG, create_with([](auto& bad) { bad.pwszProfileName = nullptr; }));
    EXPECT_EQ(E_INVALIDARG, create_with([](auto& bad) { bad.pwszProfileName = L""; }));
    const std::wstring too_long(65, L'x');
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& bad) { bad.pwszProfileName = too_long.c_str(); }));
    const std::wstring far_too_long(10'000, L'x');
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& bad) { bad.pwszProfileName = far_too_long.c_str(); }));
}

TEST_F(HrCreateOfflineObjTest, RefusesMembersThatAreNoObjectTogether) {
    PROVES("CREATE-9@08f0");
    const offline_state::Host parent(L"Parent");
    const GUID provider = IID_IMAPIOffline;
    const ComPtr<FakeNotify> outer = FakeNotify::create();
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
    // A global object has no instance, no parent and no outer object.
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& info) { info.pInstance = &provider; }));
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& info) { info.pParent = parent.object(); }));
    EXPECT_EQ(E_INVALIDARG, create_with([&](auto& info) { info.pAggregateInfo = &aggregate; }));
    // A provider's has an instance and a parent, and no outer object.
    const auto create_provider = [&](const std::function<void(MAPIOFFLINE_CREATEINFO&)>& change) {
        return create_with([&](auto& info) {
            info.pwszProfileName = L"Parent";
            info.pGUID = info.pInstance = &provider;
            info.pParent = parent.object();
            change(info);
        });
    };
    EXPECT_EQ(S_OK, create_provider([](auto&) {}));
    EXPECT_EQ(E_INVALIDARG, create_provider([](auto& info) { info.pInstance = nullptr; }));
    EXPECT_EQ(E_INVALIDARG, create_provider([](auto& info) { info.pParent = nullptr; }));
    EXPECT_EQ(E_INVALIDARG, create_provider([&](auto& info) { info.pAggregateInfo = &aggregate; }));
    EXPECT_EQ(E_INVALIDARG,
              create_provider([](auto& info) { info.pwszProfileName = profile; })); // another one's parent
    // A store's has a parent and an outer object, and neither GUID nor instance. The global object is no parent for it.
    EXPECT_EQ(E_INVALIDARG, create_provider([&](auto& info) { info.pGUID = nullptr; }));
    EXPECT_EQ(E_INVALIDARG, create_provider([&](auto& info) { info.pGUID = info.pInstance = nullptr; }));
    EXPECT_EQ(E_INVALIDARG, create_provider([&](auto& info) {
                  info.pGUID = info.pInstance = nullptr;
                  info.pAggregateInfo = &aggregate;
              }));
    EXPECT_EQ(1u, references_of(parent.object()));
    EXPECT_EQ(1u, outer->references());
}

TEST_F(HrCreateOfflineObjTest, TakesAnyCapabilitiesAndAnySupportObject) {
    PROVES("CREATE-2@e26f CAPS-1@6e9a");
    const ComPtr<FakeNotify> support = FakeNotify::create();
    EXPECT_EQ(S_OK, create_with([&](auto& info) {
                  info.ulCapabilities = 0xFFFFFFFF;
                  info.pMAPISupport = support.Get();
              }));
    EXPECT_EQ(S_OK, create_with([](auto& info) { info.ulCapabilities = 0; }));
    EXPECT_EQ(1u, support->references());
}

} // namespace
} // namespace offline_state_tests
