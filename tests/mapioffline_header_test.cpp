// The header: values, layouts, slots. It is included first and alone; what follows must not be needed by it.
#include <mapioffline.h>

#include "support/offline_state_test.h"

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace offline_state_tests {
namespace {

TEST(MapiConstants, HaveTheDocumentedValues) {
    PROVES("CONST-1@4f8b");
    EXPECT_EQ(0u, MAPIOFFLINE_ADVISE_DEFAULT);
    EXPECT_EQ(0u, MAPIOFFLINE_UNADVISE_DEFAULT);
    static_assert(std::is_same_v<decltype(MAPIOFFLINE_ADVISE_DEFAULT), ULONG>);
    static_assert(std::is_same_v<decltype(MAPIOFFLINE_UNADVISE_DEFAULT), ULONG>);
    EXPECT_EQ(1, MAPIOFFLINE_ADVISE_TYPE_STATECHANGE);
    EXPECT_EQ(0x1, MAPIOFFLINE_CAPABILITY_OFFLINE);
    EXPECT_EQ(0x2, MAPIOFFLINE_CAPABILITY_ONLINE);
    EXPECT_EQ(0x00002000, MAPIOFFLINE_FLAG_BLOCK);
    EXPECT_EQ(0x00000000, MAPIOFFLINE_FLAG_DEFAULT);
    EXPECT_EQ(0x003f037f, MAPIOFFLINE_STATE_ALL);
    EXPECT_EQ(0x00000003, MAPIOFFLINE_STATE_OFFLINE_MASK);
    EXPECT_EQ(0x00000001, MAPIOFFLINE_STATE_OFFLINE);
    EXPECT_EQ(0x00000002, MAPIOFFLINE_STATE_ONLINE);
}

TEST(MapiConstants, ResultCodesHaveTheSystemsValues) {
    PROVES("CONST-2@02b7");
    const auto bits = [](HRESULT result) { return static_cast<ULONG>(result); };
    EXPECT_EQ(0u, bits(S_OK));
    EXPECT_EQ(0x80070057u, bits(E_INVALIDARG));
    EXPECT_EQ(0x80004002u, bits(E_NOINTERFACE));
    EXPECT_EQ(0x80004003u, bits(E_POINTER));
    EXPECT_EQ(0x80004001u, bits(E_NOTIMPL));
    EXPECT_EQ(0x8007000Eu, bits(E_OUTOFMEMORY));
    EXPECT_EQ(0x8000000Au, bits(E_PENDING));
    EXPECT_EQ(0x8004010Fu, bits(MAPI_E_NOT_FOUND));
    EXPECT_TRUE(FAILED(E_PENDING));
    EXPECT_TRUE(FAILED(MAPI_E_NOT_FOUND));
}

TEST(MapiConstants, IdentifiersHaveTheDocumentedValues) {
    PROVES("CONST-3@8ab4");
    EXPECT_TRUE(GUID_GlobalState ==
                (GUID{0xFBEFFD93, 0xB11F, 0x4094, {0x84, 0x2B, 0x96, 0xDC, 0xD3, 0x1E, 0x63, 0xD1}}));
    EXPECT_TRUE(IID_IMAPIOffline ==
                (GUID{0x000672B5, 0x0000, 0x0000, {0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46}}));
    EXPECT_TRUE(IID_IMAPIOfflineNotify ==
                (GUID{0x0317BDE5, 0xFC29, 0x44CD, {0x8D, 0xCD, 0x36, 0x12, 0x5A, 0x3B, 0xE9, 0xEC}}));
    EXPECT_TRUE(IID_IMAPIOfflineMgr ==
                (GUID{0x42175607, 0xFF3E, 0x4790, {0xBC, 0x18, 0x66, 0xC8, 0x64, 0x3E, 0x64, 0x24}}));
    EXPECT_TRUE(IID_IMAPIOffline == __uuidof(IMAPIOffline));
    EXPECT_TRUE(IID_IMAPIOfflineMgr == __uuidof(IMAPIOfflineMgr));
    EXPECT_TRUE(IID_IMAPIOfflineNotify == __uuidof(IMAPIOfflineNotify));
}

TEST(MapiOfflineCallbackType, HasOneMember) {
    PROVES("TYPE-1@cc2b");
    EXPECT_EQ(0, MAPIOFFLINE_CALLBACK_TYPE_NOTIFY);
    EXPECT_EQ(4u, sizeof(MAPIOFFLINE_CALLBACK_TYPE));
}

TEST(MapiOfflineNotifyType, HasThreeMembers) {
    PROVES("TYPE-2@a70e");
    EXPECT_EQ(1, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START);
    EXPECT_EQ(2, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE);
    EXPECT_EQ(3, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE);
    EXPECT_EQ(4u, sizeof(MAPIOFFLINE_NOTIFY_TYPE));
}

constexpr std::size_t pointer = sizeof(void*);

TEST(MapiOfflineAdviseInfo, HasTheDocumentedMembersInOrder) {
    PROVES("TYPE-3@42c7 TYPE-5@2813");
    EXPECT_EQ(0u, offsetof(MAPIOFFLINE_ADVISEINFO, ulSize));
    EXPECT_EQ(4u, offsetof(MAPIOFFLINE_ADVISEINFO, ulClientToken));
    EXPECT_EQ(8u, offsetof(MAPIOFFLINE_ADVISEINFO, CallbackType));
    EXPECT_EQ(pointer == 8 ? 16u : 12u, offsetof(MAPIOFFLINE_ADVISEINFO, pCallback));
    EXPECT_EQ(pointer == 8 ? 24u : 16u, offsetof(MAPIOFFLINE_ADVISEINFO, ulAdviseTypes));
    EXPECT_EQ(pointer == 8 ? 28u : 20u, offsetof(MAPIOFFLINE_ADVISEINFO, ulStateMask));
    EXPECT_EQ(pointer == 8 ? 32u : 24u, sizeof(MAPIOFFLINE_ADVISEINFO));
}

TEST(MapiOfflineNotify, HasTheDocumentedMembersInOrder) {
    PROVES("TYPE-4@def7 TYPE-5@2813");
    EXPECT_EQ(0u, offsetof(MAPIOFFLINE_NOTIFY, ulSize));
    EXPECT_EQ(4u, offsetof(MAPIOFFLINE_NOTIFY, NotifyType));
    EXPECT_EQ(8u, offsetof(MAPIOFFLINE_NOTIFY, ulClientToken));
    EXPECT_EQ(12u, offsetof(MAPIOFFLINE_NOTIFY, Info.StateChange.ulMask));
    EXPECT_EQ(16u, offsetof(MAPIOFFLINE_NOTIFY, Info.StateChange.ulStateOld));
    EXPECT_EQ(20u, offsetof(MAPIOFFLINE_NOTIFY, Info.StateChange.ulStateNew));
    EXPECT_EQ(24u, sizeof(MAPIOFFLINE_NOTIFY));
}

TEST(MapiOfflineCreateInfo, HasTheDocumentedMembersInOrder) {
    PROVES("TYPE-6@8595");
    const std::size_t offsets[] = {offsetof(MAPIOFFLINE_CREATEINFO, ulSize),
                                   offsetof(MAPIOFFLINE_CREATEINFO, ulCreateFlags),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pwszProfileName),
                                   offsetof(MAPIOFFLINE_CREATEINFO, ulCapabilities),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pGUID),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pInstance),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pParent),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pMAPISupport),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pAggregateInfo),
                                   offsetof(MAPIOFFLINE_CREATEINFO, pConnectInfo),
                                   sizeof(MAPIOFFLINE_CREATEINFO)};
    const std::size_t expected_64[] = {0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72};
    const std::size_t expected_32[] = {0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40};
    for (std::size_t i = 0; i < std::size(offsets); ++i) {
        EXPECT_EQ(pointer == 8 ? expected_64[i] : expected_32[i], offsets[i]) << "member " << i;
    }
}

TEST(MapiOfflineAggregateInfo, HasTheDocumentedMembersInOrder) {
    PROVES("TYPE-7@895d");
    EXPECT_EQ(0u, offsetof(MAPIOFFLINE_AGGREGATEINFO, ulSize));
    EXPECT_EQ(pointer, offsetof(MAPIOFFLINE_AGGREGATEINFO, pOuterObj));
    EXPECT_EQ(2 * pointer, offsetof(MAPIOFFLINE_AGGREGATEINFO, pRefTrackRoot));
    EXPECT_EQ(3 * pointer, sizeof(MAPIOFFLINE_AGGREGATEINFO));
}

TEST(FunctionTypes, AreThoseOfTheFunctions) {
    PROVES("OPEN-2@c60e");
    static_assert(std::is_same_v<HROPENOFFLINEOBJ, decltype(HrOpenOfflineObj)>);
    static_assert(std::is_same_v<HRCREATEOFFLINEOBJ, decltype(HrCreateOfflineObj)>);
}

// What a client does that was compiled against Outlook: it calls by slot and knows nothing of our classes.
class Vtable : public OfflineStateTest {
protected:
    template <class... Arguments>
    static HRESULT call_slot(IMAPIOfflineMgr* object, std::size_t slot, Arguments... arguments) {
        using Method = HRESULT(STDMETHODCALLTYPE*)(IMAPIOfflineMgr*, Arguments...);
        Method* vtable = nullptr;
        std::memcpy(static_cast<void*>(&vtable), static_cast<const void*>(object), sizeof vtable);
        return vtable[slot](object, arguments...);
    }
};

TEST_F(Vtable, HasTheDocumentedSlots) {
    PROVES("IFACE-1@b230 IFACE-5@4051");
    const offline_state::Host host(profile, MAPIOFFLINE_CAPABILITY_ONLINE);
    IMAPIOfflineMgr* const object = host.object();

    ComPtr<IMAPIOffline> queried;
    EXPECT_EQ(S_OK, (call_slot<REFIID, IMAPIOffline**>(object, 0, IID_IMAPIOffline, queried.GetAddressOf())));
    EXPECT_EQ(3, call_slot(object, 1)); // AddRef and Release return the count
    EXPECT_EQ(2, call_slot(object, 2));
    EXPECT_EQ(S_OK,
              (call_slot<ULONG, ULONG, ULONG, void*>(object, 3, MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                                     MAPIOFFLINE_STATE_OFFLINE, nullptr)));
    ULONG value = poison;
    EXPECT_EQ(S_OK, call_slot(object, 4, &value));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_CAPABILITY_ONLINE), value);
    EXPECT_EQ(S_OK, call_slot(object, 5, &value));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE), value);
    EXPECT_EQ(E_NOTIMPL, call_slot(object, 6));

    const ComPtr<FakeNotify> callback = FakeNotify::create();
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    EXPECT_EQ(S_OK, (call_slot<ULONG, MAPIOFFLINE_ADVISEINFO*, ULONG*>(object, 7, MAPIOFFLINE_ADVISE_DEFAULT, &info,
                                                                       &value)));
    EXPECT_EQ(2u, callback->references());
    EXPECT_EQ(S_OK, (call_slot<ULONG, ULONG>(object, 8, MAPIOFFLINE_UNADVISE_DEFAULT, value)));
    EXPECT_EQ(1u, callback->references());
}

TEST_F(Vtable, PlaceholdersReturnENotImplAndDoNothing) {
    PROVES("IFACE-4@2ad2");
    const offline_state::Host host(profile);
    const ULONG references = references_of(host.object());
    for (const std::size_t slot : {6u, 9u, 10u, 11u, 12u, 13u, 14u, 15u}) {
        EXPECT_EQ(E_NOTIMPL, call_slot(host.object(), slot)) << "slot " << slot;
    }
    EXPECT_EQ(references, references_of(host.object()));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state_of(host.object()));
}

TEST_F(Vtable, AnswersGetCurrentStateAtByte0x28OfTheOpenedPointer) {
    PROVES("IFACE-2@3b1d");
    const offline_state::Host host(profile);
    ComPtr<IMAPIOfflineMgr> opened;
    ASSERT_EQ(S_OK, open(profile, opened));
    ULONG state = poison;
    EXPECT_EQ(S_OK, call_slot(opened.Get(), 5, &state)); // 5 slots of 8 bytes: 0x28 on x64
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state & MAPIOFFLINE_STATE_OFFLINE_MASK);
}

TEST(IMAPIOfflineNotifyVtable, HasNotifyInSlot3) {
    PROVES("IFACE-5@4051");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    IMAPIOfflineNotify* const interface_pointer = callback.Get();
    using Method = void(STDMETHODCALLTYPE*)(IMAPIOfflineNotify*, const MAPIOFFLINE_NOTIFY*);
    Method* vtable = nullptr;
    std::memcpy(static_cast<void*>(&vtable), static_cast<const void*>(interface_pointer), sizeof vtable);
    MAPIOFFLINE_NOTIFY notification{};
    notification.NotifyType = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE;
    vtable[3](interface_pointer, &notification);
    EXPECT_EQ(1u, callback->notifications().size());
}

} // namespace
} // namespace offline_state_tests
