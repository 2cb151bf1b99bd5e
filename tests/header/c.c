/* The header in C, twice: as the first one and, on Windows, after the MAPI headers (AFTER_MAPI). Every macro of
   COBJMACROS calls the method of its name, which is in its slot. */
#define COBJMACROS
#ifdef AFTER_MAPI
#include <windows.h>

#include <mapicode.h>
#include <mapidefs.h>
#include <mapix.h>
#endif
#include <mapioffline.h>

#include <mapioffline.h>

#define SLOT(number, type, method)                                                                                     \
    typedef char slot_of_##type##_##method[offsetof(type##Vtbl, method) == (number) * sizeof(void*) ? 1 : -1];
#define SLOTS_OF_IUNKNOWN(type)                                                                                        \
    SLOT(0, type, QueryInterface)                                                                                      \
    SLOT(1, type, AddRef)                                                                                              \
    SLOT(2, type, Release)
#define SLOTS_OF_IMAPIOFFLINE(type)                                                                                    \
    SLOTS_OF_IUNKNOWN(type)                                                                                            \
    SLOT(3, type, SetCurrentState)                                                                                     \
    SLOT(4, type, GetCapabilities)                                                                                     \
    SLOT(5, type, GetCurrentState)                                                                                     \
    SLOT(6, type, Placeholder6)

SLOTS_OF_IMAPIOFFLINE(IMAPIOffline)
SLOTS_OF_IMAPIOFFLINE(IMAPIOfflineMgr)
SLOT(7, IMAPIOfflineMgr, Advise)
SLOT(8, IMAPIOfflineMgr, Unadvise)
SLOT(9, IMAPIOfflineMgr, Placeholder9)
SLOT(10, IMAPIOfflineMgr, Placeholder10)
SLOT(11, IMAPIOfflineMgr, Placeholder11)
SLOT(12, IMAPIOfflineMgr, Placeholder12)
SLOT(13, IMAPIOfflineMgr, Placeholder13)
SLOT(14, IMAPIOfflineMgr, Placeholder14)
SLOT(15, IMAPIOfflineMgr, Placeholder15)
SLOTS_OF_IUNKNOWN(IMAPIOfflineNotify)
SLOT(3, IMAPIOfflineNotify, Notify)

typedef char nothing_after_slot_6[sizeof(IMAPIOfflineVtbl) == 7 * sizeof(void*) ? 1 : -1];
typedef char nothing_after_slot_15[sizeof(IMAPIOfflineMgrVtbl) == 16 * sizeof(void*) ? 1 : -1];
typedef char nothing_after_slot_3[sizeof(IMAPIOfflineNotifyVtbl) == 4 * sizeof(void*) ? 1 : -1];

HRESULT use(HROPENOFFLINEOBJ* open, HRCREATEOFFLINEOBJ* create, IMAPIOfflineNotify* notify, IMAPIOffline* offline);
HRESULT use(HROPENOFFLINEOBJ* open, HRCREATEOFFLINEOBJ* create, IMAPIOfflineNotify* notify, IMAPIOffline* offline) {
    IMAPIOfflineMgr* object = NULL;
    MAPIOFFLINE_CREATEINFO create_info = {0};
    MAPIOFFLINE_ADVISEINFO info = {0};
    MAPIOFFLINE_NOTIFY notification = {0};
    void* other = NULL;
    ULONG number = 0;
    HRESULT result = open(0, L"Outlook", &GUID_GlobalState, NULL, &object) | create(0, &create_info, &object);
    info.CallbackType = MAPIOFFLINE_CALLBACK_TYPE_NOTIFY;
    info.pCallback = (IUnknown*)notify;
    info.ulAdviseTypes = MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
    info.ulStateMask = MAPIOFFLINE_STATE_ALL;
    notification.NotifyType = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    notification.Info.StateChange.ulMask = MAPIOFFLINE_STATE_OFFLINE_MASK;

    result |= IMAPIOffline_QueryInterface(offline, &IID_IMAPIOffline, &other);
    number += IMAPIOffline_AddRef(offline);
    number += IMAPIOffline_Release(offline);
    result |= IMAPIOffline_SetCurrentState(offline, MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                           MAPIOFFLINE_STATE_OFFLINE, NULL);
    result |= IMAPIOffline_GetCapabilities(offline, &number);
    result |= IMAPIOffline_GetCurrentState(offline, &number);

    result |= IMAPIOfflineMgr_QueryInterface(object, &IID_IMAPIOfflineMgr, &other);
    number += IMAPIOfflineMgr_AddRef(object);
    result |= IMAPIOfflineMgr_SetCurrentState(object, MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                              MAPIOFFLINE_STATE_ONLINE, NULL);
    result |= IMAPIOfflineMgr_GetCapabilities(object, &number);
    result |= IMAPIOfflineMgr_GetCurrentState(object, &number);
    result |= IMAPIOfflineMgr_Advise(object, MAPIOFFLINE_ADVISE_DEFAULT, &info, &number);
    result |= IMAPIOfflineMgr_Unadvise(object, MAPIOFFLINE_UNADVISE_DEFAULT, number);
    number += IMAPIOfflineMgr_Release(object);

    result |= IMAPIOfflineNotify_QueryInterface(notify, &IID_IMAPIOfflineNotify, &other);
    number += IMAPIOfflineNotify_AddRef(notify);
    IMAPIOfflineNotify_Notify(notify, &notification);
    number += IMAPIOfflineNotify_Release(notify);
    return result == MAPI_E_NOT_FOUND || result == E_PENDING ? (HRESULT)number : result;
}
