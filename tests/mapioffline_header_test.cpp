// The values in the header. It is included first and alone; it must not need what follows. Its layouts and slots are
// tested by the specification too, by the header itself and by abi_test.py.
#include <mapioffline.h>

#include "support/proves.h"

#include <cstddef>
#include <cstdint>
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

#if defined(__x86_64__) && !defined(_MSC_VER)
/// The place in the vtable, which a pointer to a virtual method holds in the ABI of g++ and clang.
template <class Method>
std::size_t slot_of(Method method) {
    std::uintptr_t byte_and_mark = 0;
    std::memcpy(&byte_and_mark, &method, sizeof byte_and_mark);
    return (byte_and_mark - 1) / sizeof(void*);
}

// The specification calls through a table made by hand, which UndefinedBehaviorSanitizer does not allow.
TEST(Vtables, EachMethodHasItsSlot) {
    PROVES("IFACE-5@4051");
    EXPECT_EQ(3u, slot_of(&IMAPIOffline::SetCurrentState));
    EXPECT_EQ(4u, slot_of(&IMAPIOffline::GetCapabilities));
    EXPECT_EQ(5u, slot_of(&IMAPIOffline::GetCurrentState));
    EXPECT_EQ(6u, slot_of(&IMAPIOffline::Placeholder6));
    EXPECT_EQ(7u, slot_of(&IMAPIOfflineMgr::Advise));
    EXPECT_EQ(8u, slot_of(&IMAPIOfflineMgr::Unadvise));
    EXPECT_EQ(9u, slot_of(&IMAPIOfflineMgr::Placeholder9));
    EXPECT_EQ(15u, slot_of(&IMAPIOfflineMgr::Placeholder15));
    EXPECT_EQ(3u, slot_of(&IMAPIOfflineNotify::Notify));
}
#endif

TEST(FunctionTypes, AreThoseOfTheFunctions) {
    PROVES("OPEN-2@c60e");
    static_assert(std::is_same_v<HROPENOFFLINEOBJ, decltype(HrOpenOfflineObj)>);
    static_assert(std::is_same_v<HRCREATEOFFLINEOBJ, decltype(HrCreateOfflineObj)>);
}

} // namespace
} // namespace offline_state_tests
