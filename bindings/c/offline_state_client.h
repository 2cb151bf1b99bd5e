/* SPDX-License-Identifier: MIT */
/* A client of the Offline State API in C99. Copy this file and mapioffline.h; one source file says #define INITGUID. */
#ifndef OFFLINE_STATE_CLIENT_H
#define OFFLINE_STATE_CLIENT_H

#define COBJMACROS
#include <mapioffline.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

/* Gives the new number. */
static inline LONG OfflineState_add(LONG* number, LONG by) {
#ifdef _WIN32
    return InterlockedExchangeAdd(number, by) + by;
#else
    return __atomic_add_fetch(number, by, __ATOMIC_ACQ_REL);
#endif
}

/* [step1] */
/* One phase of one change, without what is not part of the API. */
typedef struct OfflineStateChange {
    MAPIOFFLINE_NOTIFY_TYPE phase;
    ULONG client_token;
    ULONG state_old; /* MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE */
    ULONG state_new;
} OfflineStateChange;

/* Called on any thread, yours included, perhaps on two at once; perhaps after Unadvise, but not after OfflineNotify_end
   has returned and no call was running. Return soon, and do not wait for a thread that unadvises. */
typedef void OfflineStateOnChange(void* context, const OfflineStateChange* change);

typedef struct OfflineNotify {
    IMAPIOfflineNotify com; /* first: a pointer to one is a pointer to the other */
    LONG references;
    LONG has_ended;
    OfflineStateOnChange* on_change;
    void* context; /* must live as long as the callback */
} OfflineNotify;

static inline HRESULT STDMETHODCALLTYPE OfflineNotify_QueryInterface(IMAPIOfflineNotify* This, REFIID riid,
                                                                     void** ppvObject) {
    static const GUID unknown = {0, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
    if (ppvObject == NULL) {
        return E_POINTER;
    }
    if (memcmp(riid, &unknown, sizeof unknown) == 0 || memcmp(riid, &IID_IMAPIOfflineNotify, sizeof *riid) == 0) {
        OfflineState_add(&((OfflineNotify*)This)->references, 1);
        *ppvObject = This;
        return S_OK;
    }
    *ppvObject = NULL;
    return E_NOINTERFACE;
}

static inline ULONG STDMETHODCALLTYPE OfflineNotify_AddRef(IMAPIOfflineNotify* This) {
    return (ULONG)OfflineState_add(&((OfflineNotify*)This)->references, 1);
}

static inline ULONG STDMETHODCALLTYPE OfflineNotify_Release(IMAPIOfflineNotify* This) {
    const LONG left = OfflineState_add(&((OfflineNotify*)This)->references, -1);
    if (left == 0) {
        free(This);
    }
    return (ULONG)left; /* a local: after the last release there is no member left to read */
}

static inline void STDMETHODCALLTYPE OfflineNotify_Notify(IMAPIOfflineNotify* This,
                                                          const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    OfflineNotify* const self = (OfflineNotify*)This;
    OfflineStateChange change;
    if (OfflineState_add(&self->has_ended, 0) != 0 || pNotifyInfo == NULL ||
        pNotifyInfo->NotifyType < MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START ||
        pNotifyInfo->NotifyType > MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE ||
        pNotifyInfo->Info.StateChange.ulMask != MAPIOFFLINE_STATE_OFFLINE_MASK) {
        return; /* Outlook also sends what is not part of this API */
    }
    change.phase = pNotifyInfo->NotifyType;
    change.client_token = pNotifyInfo->ulClientToken;
    change.state_old = pNotifyInfo->Info.StateChange.ulStateOld & MAPIOFFLINE_STATE_OFFLINE_MASK;
    change.state_new = pNotifyInfo->Info.StateChange.ulStateNew & MAPIOFFLINE_STATE_OFFLINE_MASK;
    self->on_change(self->context, &change);
}

/* With one reference, which OfflineNotify_Release gives back. NULL: not enough memory. */
static inline OfflineNotify* OfflineNotify_create(OfflineStateOnChange* on_change, void* context) {
    static const IMAPIOfflineNotifyVtbl methods = {OfflineNotify_QueryInterface, OfflineNotify_AddRef,
                                                   OfflineNotify_Release, OfflineNotify_Notify};
    OfflineNotify* const created = (OfflineNotify*)calloc(1, sizeof *created);
    if (created != NULL) {
        created->com.lpVtbl = &methods;
        created->references = 1;
        created->on_change = on_change;
        created->context = context;
    }
    return created;
}

/* From now on a Notify does nothing. One that is running on another thread is not waited for. */
static inline void OfflineNotify_end(OfflineNotify* callback) {
    OfflineState_add(&callback->has_ended, 1);
}
/* [/step1] */

/* [step2] */
typedef struct OfflineStateLibrary {
    HROPENOFFLINEOBJ* open;     /* NULL: not found, for the reason in problem */
    HRCREATEOFFLINEOBJ* create; /* NULL: not found; a client does without */
    char problem[400];
} OfflineStateLibrary;

/* Of the library at a path; on Windows NULL is the one that Outlook has loaded. It stays loaded. */
static inline OfflineStateLibrary OfflineState_load(const char* path) {
    /* Which name Outlook exports, and in which module, is not certain. */
    static const char* const names[2][2] = {{"HrOpenOfflineObj", "HrOpenOfflineObj@20"},
                                            {"HrCreateOfflineObj", "HrCreateOfflineObj@12"}};
    OfflineStateLibrary library = {NULL, NULL, ""};
    int i = 0;
#ifdef _WIN32
    static const char* const modules[] = {"olmapi32.dll", "msmapi32.dll"};
    int module = 0;
    for (module = 0; module < 2 && library.open == NULL; ++module) {
        /* GetModuleHandle loads nothing: another library of this name is not Outlook's. */
        const HMODULE handle = path != NULL ? LoadLibraryA(path) : GetModuleHandleA(modules[module]);
        if (path != NULL && handle == NULL) {
            snprintf(library.problem, sizeof library.problem, "%s cannot be loaded: error %lu", path, GetLastError());
            return library;
        }
        for (i = 0; i < 2 && handle != NULL; ++i) {
            const FARPROC open = GetProcAddress(handle, names[0][i]);
            const FARPROC create = GetProcAddress(handle, names[1][i]);
            memcpy(&library.open, &open, open != NULL ? sizeof open : 0);
            memcpy(&library.create, &create, create != NULL ? sizeof create : 0);
        }
    }
#else
    void* const handle = dlopen(path != NULL ? path : "", RTLD_NOW);
    if (handle == NULL || path == NULL) {
        snprintf(library.problem, sizeof library.problem, "%s cannot be loaded: %s", path != NULL ? path : "no library",
                 path != NULL ? dlerror() : "there is no Outlook here");
        return library;
    }
    for (i = 0; i < 2; ++i) {
        void* const open = dlsym(handle, names[0][i]);
        void* const create = dlsym(handle, names[1][i]);
        memcpy(&library.open, &open, open != NULL ? sizeof open : 0);
        memcpy(&library.create, &create, create != NULL ? sizeof create : 0);
    }
#endif
    if (library.open == NULL) {
        snprintf(library.problem, sizeof library.problem, "%s does not export HrOpenOfflineObj",
                 path != NULL ? path : "what this process has loaded");
    }
    return library;
}

/* The profile's object, which IMAPIOfflineMgr_Release gives back; the result is MAPI_E_NOT_FOUND when there is none. */
static inline HRESULT OfflineState_open(const OfflineStateLibrary* library, LPCWSTR profile_name,
                                        IMAPIOfflineMgr** object) {
    *object = NULL;
    return library->open(0, profile_name, &GUID_GlobalState, NULL, object);
}
/* [/step2] */

/* [step3] */
static inline HRESULT OfflineState_ask_capabilities(IMAPIOfflineMgr* object, int* offline, int* online) {
    ULONG bits = 0;
    const HRESULT result = IMAPIOfflineMgr_GetCapabilities(object, &bits);
    *offline = (bits & MAPIOFFLINE_CAPABILITY_OFFLINE) != 0; /* other bits are not part of this API */
    *online = (bits & MAPIOFFLINE_CAPABILITY_ONLINE) != 0;
    return result;
}

/* MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE: other bits may be set, so they are masked out. */
static inline HRESULT OfflineState_current(IMAPIOfflineMgr* object, ULONG* state) {
    ULONG bits = 0;
    const HRESULT result = IMAPIOfflineMgr_GetCurrentState(object, &bits);
    *state = bits & MAPIOFFLINE_STATE_OFFLINE_MASK;
    return result;
}
/* [/step3] */

/* [step4] */
/* client_token comes back in each notification; advise_token names the registration. */
static inline HRESULT OfflineState_advise(IMAPIOfflineMgr* object, OfflineNotify* callback, ULONG client_token,
                                          ULONG* advise_token) {
    MAPIOFFLINE_ADVISEINFO info = {0}; /* read during the call only */
    info.ulSize = sizeof info;
    info.ulClientToken = client_token;
    info.CallbackType = MAPIOFFLINE_CALLBACK_TYPE_NOTIFY;
    info.pCallback = (IUnknown*)callback; /* the object takes a reference of its own */
    info.ulAdviseTypes = MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
    info.ulStateMask = MAPIOFFLINE_STATE_ALL;
    return IMAPIOfflineMgr_Advise(object, MAPIOFFLINE_ADVISE_DEFAULT, &info, advise_token);
}
/* [/step4] */

/* [step5] */
/* Ends a registration, and releases the callback. Call it once, on each way out; not inside Notify. */
static inline void OfflineState_unadvise(IMAPIOfflineMgr* object, OfflineNotify* callback, ULONG advise_token) {
    OfflineNotify_end(callback); /* a Notify that comes late does nothing */
    IMAPIOfflineMgr_Unadvise(object, MAPIOFFLINE_UNADVISE_DEFAULT, advise_token);
    OfflineNotify_Release(&callback->com);
}
/* [/step5] */

#endif
