/* The five steps in C: steps LIBRARY 12345. The other words are for tests/bindings_test.py. */
#define INITGUID
#include "offline_state_client.h"

#ifdef _WIN32
#define yield() Sleep(0)
#else
#include <sched.h>
#define yield() sched_yield()
#endif

static const char* state_name(ULONG state) {
    return state == MAPIOFFLINE_STATE_ONLINE ? "online" : state == MAPIOFFLINE_STATE_OFFLINE ? "offline" : "unknown";
}

static const char* phase_name(MAPIOFFLINE_NOTIFY_TYPE phase) {
    static const char* const names[] = {"START", "STATECHANGE", "DONE"};
    return names[phase - MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START];
}

/* A click on "Work Offline". Returns when the change is complete. */
static void work_offline(IMAPIOfflineMgr* outlook, int offline) {
    const ULONG state = offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE;
    while (IMAPIOfflineMgr_SetCurrentState(outlook, MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK, state,
                                           NULL) == E_PENDING) {
        yield();
    }
}

/* Outlook with one profile. Inside Outlook there is nothing like it. */
static IMAPIOfflineMgr* outlook_stand_in(const OfflineStateLibrary* library, LPCWSTR profile_name, ULONG capabilities) {
    IMAPIOfflineMgr* outlook = NULL;
    MAPIOFFLINE_CREATEINFO info = {0};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile_name;
    info.ulCapabilities = capabilities;
    info.pGUID = &GUID_GlobalState;
    if (library->create == NULL || FAILED(library->create(0, &info, &outlook))) {
        fputs("There is no Outlook to be played: HrCreateOfflineObj failed.\n", stderr);
        exit(2);
    }
    work_offline(outlook, 0);
    return outlook;
}

/* Says so when a call has failed. */
static int failed(HRESULT result, const char* function) {
    if (FAILED(result)) {
        fprintf(stderr, "%s failed: 0x%08x\n", function, (unsigned)result);
    }
    return FAILED(result);
}

/* [run1] */
static void print_change(void* context, const OfflineStateChange* change) {
    (void)context;
    printf("%-11s  %s -> %s\n", phase_name(change->phase), state_name(change->state_old),
           state_name(change->state_new));
}

static void notify(OfflineNotify* callback, int type, ULONG mask) {
    MAPIOFFLINE_NOTIFY notification = {0};
    notification.ulSize = sizeof notification;
    notification.NotifyType = (MAPIOFFLINE_NOTIFY_TYPE)type;
    notification.Info.StateChange.ulMask = mask;
    notification.Info.StateChange.ulStateOld = MAPIOFFLINE_STATE_ONLINE;
    notification.Info.StateChange.ulStateNew = MAPIOFFLINE_STATE_OFFLINE;
    IMAPIOfflineNotify_Notify(&callback->com, &notification);
}

static int step1(void) {
    OfflineNotify* const callback = OfflineNotify_create(print_change, NULL);
    if (callback == NULL) {
        return 1;
    }
    notify(callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, MAPIOFFLINE_STATE_OFFLINE_MASK);
    notify(callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, MAPIOFFLINE_STATE_OFFLINE_MASK);
    notify(callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE, MAPIOFFLINE_STATE_OFFLINE_MASK);
    puts("another type of notification, and another part of the state:");
    notify(callback, 4, MAPIOFFLINE_STATE_OFFLINE_MASK);
    notify(callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0x00010000);
    puts("ignored");
    IMAPIOfflineNotify_Release(&callback->com);
    return 0;
}
/* [/run1] */

/* [run2] */
static int step2(const OfflineStateLibrary* library) {
    IMAPIOfflineMgr* object = NULL;
    HRESULT result = OfflineState_open(library, L"Outlook", &object);
    if (failed(result, "HrOpenOfflineObj")) {
        return 1;
    }
    puts("opened the offline object of the profile \"Outlook\"");
    IMAPIOfflineMgr_Release(object);

    result = OfflineState_open(library, L"Nobody", &object);
    printf("the profile \"Nobody\": %s\n", result == MAPI_E_NOT_FOUND ? "MAPI_E_NOT_FOUND" : "an undocumented result");
    return 0;
}
/* [/run2] */

/* [run3] */
static int describe(const OfflineStateLibrary* library, LPCWSTR profile_name) {
    IMAPIOfflineMgr* object = NULL;
    int offline = 0;
    int online = 0;
    ULONG state = 0;
    int wrong = 0;
    if (failed(OfflineState_open(library, profile_name, &object), "HrOpenOfflineObj")) {
        return 1;
    }
    wrong = failed(OfflineState_ask_capabilities(object, &offline, &online), "GetCapabilities") ||
            failed(OfflineState_current(object, &state), "GetCurrentState");
    if (!wrong) {
        printf("offline notifications: %s, online notifications: %s, state: %s\n", offline ? "yes" : "no",
               online ? "yes" : "no", state_name(state));
    }
    IMAPIOfflineMgr_Release(object);
    return wrong;
}
/* [/run3] */

static int step3(const OfflineStateLibrary* library) {
    IMAPIOfflineMgr* const other = outlook_stand_in(library, L"Online only", MAPIOFFLINE_CAPABILITY_ONLINE);
    const int wrong = describe(library, L"Outlook") || describe(library, L"Online only");
    IMAPIOfflineMgr_Release(other);
    return wrong;
}

/* [run4] */
static void print_client_and_change(void* context, const OfflineStateChange* change) {
    (void)context;
    printf("client %u: %-11s  %s -> %s\n", (unsigned)change->client_token, phase_name(change->phase),
           state_name(change->state_old), state_name(change->state_new));
}

static int step4(const OfflineStateLibrary* library, IMAPIOfflineMgr* outlook) {
    OfflineNotify* const callback = OfflineNotify_create(print_client_and_change, NULL);
    IMAPIOfflineMgr* object = NULL;
    ULONG advise_token = 0;
    if (callback == NULL || failed(OfflineState_open(library, L"Outlook", &object), "HrOpenOfflineObj")) {
        return 1; /* the callback is not released: the program ends */
    }
    if (failed(OfflineState_advise(object, callback, 7, &advise_token), "Advise")) {
        return 1;
    }
    puts("registered");
    /* What a user does in Outlook, twice. */
    work_offline(outlook, 1);
    work_offline(outlook, 0);
    OfflineState_unadvise(object, callback, advise_token);
    IMAPIOfflineMgr_Release(object);
    puts("registration taken back");
    return 0;
}
/* [/run4] */

/* [run5] */
static void print_state_at_done(void* context, const OfflineStateChange* change) {
    (void)context;
    if (change->phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
        printf("now %s\n", state_name(change->state_new));
    }
}

/* What it gives has gone wrong: C has no exceptions. */
static const char* while_registered(IMAPIOfflineMgr* outlook) {
    work_offline(outlook, 1); /* what a user does in Outlook */
    return "something else went wrong";
}

static int step5(const OfflineStateLibrary* library, IMAPIOfflineMgr* outlook) {
    OfflineNotify* const callback = OfflineNotify_create(print_state_at_done, NULL);
    IMAPIOfflineMgr* object = NULL;
    const char* problem = NULL;
    ULONG advise_token = 0;
    if (callback == NULL || failed(OfflineState_open(library, L"Outlook", &object), "HrOpenOfflineObj")) {
        return 1;
    }
    if (failed(OfflineState_advise(object, callback, 0, &advise_token), "Advise")) {
        return 1;
    }
    problem = while_registered(outlook);
    OfflineState_unadvise(object, callback, advise_token); /* whatever has gone wrong: there is one way out */
    printf("left by an exception: %s\n", problem);
    work_offline(outlook, 0); /* nobody is told any more */
    IMAPIOfflineMgr_Release(object);
    return 0;
}
/* [/run5] */

static int steps(const OfflineStateLibrary* library, const char* which) {
    int wrong = 0;
    for (; *which != '\0' && !wrong; ++which) {
        IMAPIOfflineMgr* const outlook =
            *which == '1'
                ? NULL
                : outlook_stand_in(library, L"Outlook", MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE);
        wrong = *which == '1'   ? step1()
                : *which == '2' ? step2(library)
                : *which == '3' ? step3(library)
                : *which == '4' ? step4(library, outlook)
                                : step5(library, outlook);
        if (outlook != NULL) {
            IMAPIOfflineMgr_Release(outlook);
        }
    }
    return wrong;
}

static void count_change(void* context, const OfflineStateChange* change) {
    (void)change;
    ++*(int*)context;
}

static int ended(void) {
    int calls = 0;
    OfflineNotify* const callback = OfflineNotify_create(count_change, &calls);
    notify(callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, MAPIOFFLINE_STATE_OFFLINE_MASK);
    IMAPIOfflineNotify_Notify(&callback->com, NULL);
    OfflineNotify_end(callback);
    notify(callback, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, MAPIOFFLINE_STATE_OFFLINE_MASK);
    printf("%d call\n", calls);
    IMAPIOfflineNotify_Release(&callback->com);
    return 0;
}

static int bad_input(const OfflineStateLibrary* library, const char* other) {
    IMAPIOfflineMgr* object = NULL;
    wchar_t name[66] = {0};
    wmemset(name, L'x', 65);
    printf("an unknown profile: 0x%08x\n", (unsigned)OfflineState_open(library, L"Nobody", &object));
    printf("a name of 65 characters: 0x%08x\n", (unsigned)OfflineState_open(library, name, &object));
    printf("a library that is missing: %s\n", OfflineState_load("/no/such/library.so").problem);
    printf("a library without the exports: %s\n", OfflineState_load(other).problem);
    return object != NULL;
}

static LONG begun = 0;

static void change_again(void* context, const OfflineStateChange* change) {
    OfflineState_add(&begun, 1);
    if (change->phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
        IMAPIOfflineMgr_SetCurrentState((IMAPIOfflineMgr*)context, MAPIOFFLINE_FLAG_DEFAULT,
                                        MAPIOFFLINE_STATE_OFFLINE_MASK, change->state_old, NULL);
    }
}

/* Ends with a change under way, always, and a registration outstanding. */
static int leave(const OfflineStateLibrary* library) {
    IMAPIOfflineMgr* const object = outlook_stand_in(library, L"Outlook", 3);
    ULONG advise_token = 0;
    if (failed(OfflineState_advise(object, OfflineNotify_create(change_again, object), 0, &advise_token), "Advise")) {
        return 1;
    }
    IMAPIOfflineMgr_SetCurrentState(object, MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                    MAPIOFFLINE_STATE_OFFLINE, NULL);
    while (OfflineState_add(&begun, 0) == 0) {
        yield();
    }
    return 0;
}

int main(int count, char* arguments[]) {
    OfflineStateLibrary library;
    if (count < 3) {
        fputs("Usage: steps LIBRARY 12345\n", stderr);
        return 2;
    }
    library = OfflineState_load(arguments[1]);
    if (library.open == NULL) {
        fprintf(stderr, "%s\n", library.problem);
        return 1;
    }
    if (strcmp(arguments[2], "ended") == 0) {
        return ended();
    }
    if (strcmp(arguments[2], "leave") == 0) {
        return leave(&library);
    }
    if (strcmp(arguments[2], "bad") == 0 && count == 4) {
        return bad_input(&library, arguments[3]);
    }
    return steps(&library, arguments[2]);
}
