// The layouts, asserted at compile time: for 64 bits, and for 32; in C too. It also names everything that has one, so
// that clang prints it: tests/abi_test.py compares that with the golden files.
#include <mapioffline.h>

#ifndef __cplusplus
#include <assert.h> // static_assert
#endif

#define SIZE(type, with_64_bits, with_32_bits)                                                                         \
    static_assert(sizeof(type) == (sizeof(void*) == 8 ? (with_64_bits) : (with_32_bits)), "TYPE-5: " #type)
#define AT(type, member, with_64_bits, with_32_bits)                                                                   \
    static_assert(offsetof(type, member) == (sizeof(void*) == 8 ? (with_64_bits) : (with_32_bits)),                    \
                  "TYPE-5: " #type "::" #member)

SIZE(HRESULT, 4, 4);
SIZE(ULONG, 4, 4);
SIZE(GUID, 16, 16);
SIZE(MAPIOFFLINE_CALLBACK_TYPE, 4, 4);
SIZE(MAPIOFFLINE_NOTIFY_TYPE, 4, 4);

SIZE(MAPIOFFLINE_ADVISEINFO, 32, 24);
AT(MAPIOFFLINE_ADVISEINFO, ulSize, 0, 0);
AT(MAPIOFFLINE_ADVISEINFO, ulClientToken, 4, 4);
AT(MAPIOFFLINE_ADVISEINFO, CallbackType, 8, 8);
AT(MAPIOFFLINE_ADVISEINFO, pCallback, 16, 12);
AT(MAPIOFFLINE_ADVISEINFO, ulAdviseTypes, 24, 16);
AT(MAPIOFFLINE_ADVISEINFO, ulStateMask, 28, 20);

SIZE(MAPIOFFLINE_NOTIFY, 24, 24);
AT(MAPIOFFLINE_NOTIFY, ulSize, 0, 0);
AT(MAPIOFFLINE_NOTIFY, NotifyType, 4, 4);
AT(MAPIOFFLINE_NOTIFY, ulClientToken, 8, 8);
AT(MAPIOFFLINE_NOTIFY, Info, 12, 12);
AT(MAPIOFFLINE_NOTIFY, Info.StateChange.ulMask, 12, 12);
AT(MAPIOFFLINE_NOTIFY, Info.StateChange.ulStateOld, 16, 16);
AT(MAPIOFFLINE_NOTIFY, Info.StateChange.ulStateNew, 20, 20);

SIZE(MAPIOFFLINE_AGGREGATEINFO, 24, 12);
AT(MAPIOFFLINE_AGGREGATEINFO, ulSize, 0, 0);
AT(MAPIOFFLINE_AGGREGATEINFO, pOuterObj, 8, 4);
AT(MAPIOFFLINE_AGGREGATEINFO, pRefTrackRoot, 16, 8);

SIZE(MAPIOFFLINE_CREATEINFO, 72, 40);
AT(MAPIOFFLINE_CREATEINFO, ulSize, 0, 0);
AT(MAPIOFFLINE_CREATEINFO, ulCreateFlags, 4, 4);
AT(MAPIOFFLINE_CREATEINFO, pwszProfileName, 8, 8);
AT(MAPIOFFLINE_CREATEINFO, ulCapabilities, 16, 12);
AT(MAPIOFFLINE_CREATEINFO, pGUID, 24, 16);
AT(MAPIOFFLINE_CREATEINFO, pInstance, 32, 20);
AT(MAPIOFFLINE_CREATEINFO, pParent, 40, 24);
AT(MAPIOFFLINE_CREATEINFO, pMAPISupport, 48, 28);
AT(MAPIOFFLINE_CREATEINFO, pAggregateInfo, 56, 32);
AT(MAPIOFFLINE_CREATEINFO, pConnectInfo, 64, 36);

#ifdef __cplusplus // In C the slots are in tests/header/c.c.
// A vtable is laid out when something is called through it.
void vtables(IUnknown* unknown, IMAPIOffline* offline, IMAPIOfflineMgr* manager, IMAPIOfflineNotify* notify);
void vtables(IUnknown* unknown, IMAPIOffline* offline, IMAPIOfflineMgr* manager, IMAPIOfflineNotify* notify) {
    unknown->AddRef();
    offline->Placeholder6();
    manager->Placeholder15();
    notify->Notify(nullptr);
}
#endif
