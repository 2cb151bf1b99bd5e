// SPDX-License-Identifier: MIT
#pragma once

/// @file mapioffline.h
/// @brief Outlook's Offline State API, as documented: constants, data types, interfaces, functions.
/// @version 0.1.0
///
/// Copy this one file. It needs `<unknwn.h>` and nothing else: on Windows the SDK's (or mingw-w64's),
/// elsewhere the one in Microsoft's DirectX-Headers (`wsl/stubs`). It compiles as C++11 and later, and as C99 and
/// later: there an interface is a structure with a pointer `lpVtbl` to its methods, and `#define COBJMACROS` before it
/// gives macros such as `IMAPIOfflineMgr_Advise`.
///
/// Three rules for a program that uses it:
///
/// - Exactly one source file says `#define INITGUID` before its first `#include`, which turns the
///   declarations of the identifiers below into definitions. A program that links this project's
///   library does not need to, since the library defines them. (Its DLLs do not: like Outlook's, they
///   export functions only.)
/// - A program that uses the MAPI headers (`mapix.h`, `mapidefs.h`, `mapicode.h`) too includes them first:
///   this file does not define again what they define.
/// - Names, values and signatures are Microsoft's; comments and layout are this project's. Each comment
///   says where a rule comes from: *documented* by Microsoft, *observed* in clients and headers that
///   others ship, or *decided here*, by the reference implementation alone. IDs such as OPEN-3 name
///   the statement in the guide.

#if defined(__cplusplus) && defined(CINTERFACE)
#error "mapioffline.h in C++: with CINTERFACE, IUnknown has no virtual methods and each slot would be wrong"
#endif

#include <unknwn.h>

#include <stddef.h>

#ifndef __cplusplus // where a structure is no name of a type by itself
typedef struct MAPIOFFLINE_ADVISEINFO MAPIOFFLINE_ADVISEINFO;
typedef struct MAPIOFFLINE_NOTIFY MAPIOFFLINE_NOTIFY;
typedef struct MAPIOFFLINE_AGGREGATEINFO MAPIOFFLINE_AGGREGATEINFO;
typedef struct MAPIOFFLINE_CONNECTINFO MAPIOFFLINE_CONNECTINFO;
typedef struct MAPIOFFLINE_CREATEINFO MAPIOFFLINE_CREATEINFO;
typedef struct IMAPIOffline IMAPIOffline;
typedef struct IMAPIOfflineMgr IMAPIOfflineMgr;
typedef struct IMAPIOfflineNotify IMAPIOfflineNotify;
#endif

/// @defgroup constants Constants
/// Flags, masks and states. Documented on the page "MAPI constants".
/// @{

/// @brief The only value for `ulFlags` of IMAPIOfflineMgr::Advise. Documented, ADVISE-2.
#define MAPIOFFLINE_ADVISE_DEFAULT ((ULONG)0)
/// @brief The only value for `ulFlags` of IMAPIOfflineMgr::Unadvise. Documented, UNADVISE-1.
#define MAPIOFFLINE_UNADVISE_DEFAULT ((ULONG)0)
/// @brief The only value for MAPIOFFLINE_ADVISEINFO::ulAdviseTypes: notify of changes of state.
/// Documented, TYPE-3.
#define MAPIOFFLINE_ADVISE_TYPE_STATECHANGE 1

/// @brief Capability bit: the object can give offline notifications. Documented, CAPS-1.
#define MAPIOFFLINE_CAPABILITY_OFFLINE 0x1
/// @brief Capability bit: the object can give online notifications. Documented, CAPS-1.
#define MAPIOFFLINE_CAPABILITY_ONLINE 0x2

/// @brief Flag of IMAPIOffline::SetCurrentState: return when the change is complete. Documented, SET-3.
#define MAPIOFFLINE_FLAG_BLOCK 0x00002000
/// @brief Flag of IMAPIOffline::SetCurrentState: return at once. Documented, SET-2.
#define MAPIOFFLINE_FLAG_DEFAULT 0x00000000

/// @brief The only value for MAPIOFFLINE_ADVISEINFO::ulStateMask. Documented, TYPE-3; most of its bits
/// have no documented meaning.
#define MAPIOFFLINE_STATE_ALL 0x003f037f
/// @brief The bits of a state that say offline or online. A client masks every state with it.
/// Documented, SET-1 and NOTIFY-8; observed, GET-1.1.
#define MAPIOFFLINE_STATE_OFFLINE_MASK 0x00000003
/// @brief The state offline. Documented, GET-1.
#define MAPIOFFLINE_STATE_OFFLINE 0x00000001
/// @brief The state online. Documented, GET-1.
#define MAPIOFFLINE_STATE_ONLINE 0x00000002

/// @}

/// @defgroup results Result codes
/// Those that DirectX-Headers or some Windows headers do not define. The others are in `winerror.h`.
/// @{

#ifndef E_PENDING
/// @brief A change of state is under way. As in `winerror.h`; SET-4.
#define E_PENDING ((HRESULT)0x8000000AL)
#endif
#ifndef MAPI_E_NOT_FOUND
/// @brief HrOpenOfflineObj failed, whatever the reason. As in `mapicode.h`; OPEN-3.
#define MAPI_E_NOT_FOUND ((HRESULT)0x8004010FL)
#endif

/// @}

/// @defgroup identifiers Identifiers
/// Declared here, defined in the one source file that says `#define INITGUID`.
/// @{

/// @brief Names a profile's global offline object. Documented, OPEN-2 and CREATE-2.
DEFINE_GUID(GUID_GlobalState, 0xFBEFFD93, 0xB11F, 0x4094, 0x84, 0x2B, 0x96, 0xDC, 0xD3, 0x1E, 0x63, 0xD1);
/// @brief Identifies IMAPIOffline. Documented, page "MAPI constants".
DEFINE_GUID(IID_IMAPIOffline, 0x000672B5, 0x0000, 0x0000, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46);
/// @brief Identifies IMAPIOfflineNotify. Documented, page "MAPI constants".
DEFINE_GUID(IID_IMAPIOfflineNotify, 0x0317BDE5, 0xFC29, 0x44CD, 0x8D, 0xCD, 0x36, 0x12, 0x5A, 0x3B, 0xE9, 0xEC);
/// @brief Identifies IMAPIOfflineMgr. Documented, page "MAPI constants".
DEFINE_GUID(IID_IMAPIOfflineMgr, 0x42175607, 0xFF3E, 0x4790, 0xBC, 0x18, 0x66, 0xC8, 0x64, 0x3E, 0x64, 0x24);

/// @}

/// @defgroup types Data types
/// @{

/// @brief The kinds of callback a client can ask for in MAPIOFFLINE_ADVISEINFO::CallbackType.
///
/// The underlying type is fixed here, to the one that Windows compilers choose, so that an unlisted
/// value is not undefined behaviour.
/// @source Documented: page MAPIOFFLINE_CALLBACK_TYPE. TYPE-1.
enum MAPIOFFLINE_CALLBACK_TYPE
#ifdef __cplusplus
    : int
#endif
{
    /// Notification: the only kind there is.
    MAPIOFFLINE_CALLBACK_TYPE_NOTIFY = 0
};
#ifndef __cplusplus
typedef enum MAPIOFFLINE_CALLBACK_TYPE MAPIOFFLINE_CALLBACK_TYPE;
#endif

/// @brief The kinds of notification: the three phases of one change, in this order.
///
/// Outlook may send values that are not listed here; a client ignores such a notification (NOTIFY-8).
/// @source Documented: page MAPIOFFLINE_NOTIFY_TYPE. TYPE-2. Decided here: their order, NOTIFY-1.1.
enum MAPIOFFLINE_NOTIFY_TYPE
#ifdef __cplusplus
    : int
#endif
{
    /// A change is going to take place.
    MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START = 1,
    /// The change is taking place.
    MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE = 2,
    /// The change has completed.
    MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE = 3
};
#ifndef __cplusplus
typedef enum MAPIOFFLINE_NOTIFY_TYPE MAPIOFFLINE_NOTIFY_TYPE;
#endif

/// @brief What a client asks for in IMAPIOfflineMgr::Advise.
/// @role The client fills it in.
/// @lifetime Read during Advise only; the client may discard it afterwards. The registration holds a
/// reference on `pCallback` until Unadvise (ADVISE-4, decided here).
/// @source Documented: page MAPIOFFLINE_ADVISEINFO. TYPE-3. Observed: its layout, TYPE-5.
struct MAPIOFFLINE_ADVISEINFO {
    /// Size of this structure in bytes.
    ULONG ulSize;
    /// The client's own value, given back in MAPIOFFLINE_NOTIFY::ulClientToken. Any value.
    ULONG ulClientToken;
    /// #MAPIOFFLINE_CALLBACK_TYPE_NOTIFY.
    MAPIOFFLINE_CALLBACK_TYPE CallbackType;
    /// The client's IMAPIOfflineNotify. Not null.
    IUnknown* pCallback;
    /// #MAPIOFFLINE_ADVISE_TYPE_STATECHANGE.
    ULONG ulAdviseTypes;
    /// #MAPIOFFLINE_STATE_ALL.
    ULONG ulStateMask;
};

/// @brief One notification: which phase of which change.
///
/// Before a client reads `Info`, it checks that `NotifyType` is one of the three listed values and
/// that `ulMask` is #MAPIOFFLINE_STATE_OFFLINE_MASK. Otherwise it ignores `Info` (NOTIFY-8).
/// @role The host fills it in.
/// @lifetime Valid during IMAPIOfflineNotify::Notify only; a client copies what it wants to keep
/// (decided here).
/// @source Documented: page MAPIOFFLINE_NOTIFY. TYPE-4.
struct MAPIOFFLINE_NOTIFY {
    /// Size of this structure in bytes.
    ULONG ulSize;
    /// Which phase; or a value that is not part of this API.
    MAPIOFFLINE_NOTIFY_TYPE NotifyType;
    /// What the client gave in MAPIOFFLINE_ADVISEINFO::ulClientToken.
    ULONG ulClientToken;
    /// What has changed; its one documented member is `StateChange`.
    union {
        /// A change of the connection state.
        struct {
            /// The bits that change: #MAPIOFFLINE_STATE_OFFLINE_MASK.
            ULONG ulMask;
            /// The state before: #MAPIOFFLINE_STATE_OFFLINE or #MAPIOFFLINE_STATE_ONLINE.
            ULONG ulStateOld;
            /// The state after: #MAPIOFFLINE_STATE_OFFLINE or #MAPIOFFLINE_STATE_ONLINE.
            ULONG ulStateNew;
        } StateChange;
    } Info;
};

#ifdef __cplusplus
struct IMAPIOfflineMgr;
#endif

/// @brief Named in MAPIOFFLINE_CREATEINFO and described nowhere.
/// @source Documented in name only: page MAPIOFFLINE_CREATEINFO. TYPE-6.
struct MAPIOFFLINE_CONNECTINFO;

/// @brief How a new offline object becomes part of another COM object.
/// @role The host fills it in.
/// @lifetime Read during HrCreateOfflineObj only.
/// @source Documented: page MAPIOFFLINE_AGGREGATEINFO. TYPE-7.
struct MAPIOFFLINE_AGGREGATEINFO {
    /// Size of this structure in bytes.
    ULONG ulSize;
    /// The outer object, into which the new one is aggregated. It holds the new one; the new one does not hold
    /// it (CREATE-11).
    IUnknown* pOuterObj;
    /// Null.
    IUnknown* pRefTrackRoot;
};

/// @brief Which offline object HrCreateOfflineObj is to create.
/// @role The host fills it in.
/// @lifetime Read during HrCreateOfflineObj only.
/// @source Documented: page MAPIOFFLINE_CREATEINFO. TYPE-6.
struct MAPIOFFLINE_CREATEINFO {
    /// Size of this structure in bytes.
    ULONG ulSize;
    /// 0.
    ULONG ulCreateFlags;
    /// The profile's name, as in HrOpenOfflineObj.
    LPCWSTR pwszProfileName;
    /// Bits #MAPIOFFLINE_CAPABILITY_OFFLINE and #MAPIOFFLINE_CAPABILITY_ONLINE.
    ULONG ulCapabilities;
    /// #GUID_GlobalState for a profile's global object; a provider's own GUID for a provider's object;
    /// null for a store's object.
    const GUID* pGUID;
    /// Distinguishes objects with the same `pGUID`; null for the global object.
    const GUID* pInstance;
    /// The object whose changes the new one inherits; null for the global object.
    IMAPIOfflineMgr* pParent;
    /// The MAPI support object of the provider, or null.
    IUnknown* pMAPISupport;
    /// How the new object is aggregated, or null.
    MAPIOFFLINE_AGGREGATEINFO* pAggregateInfo;
    /// Null.
    MAPIOFFLINE_CONNECTINFO* pConnectInfo;
};

#ifndef DOXYGEN
// TYPE-5 (observed): the layouts follow the Windows ABI, wherever this file is compiled.
#if defined(__cplusplus)
#define MAPIOFFLINE_ASSERT(condition, text) static_assert(condition, text)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define MAPIOFFLINE_ASSERT(condition, text) _Static_assert(condition, text)
#else // C99: an array of -1 elements is an error
#define MAPIOFFLINE_ASSERT(condition, text) extern char mapioffline_assert[(condition) ? 1 : -1]
#endif
MAPIOFFLINE_ASSERT(sizeof(ULONG) == 4, "TYPE-5: a ULONG has 4 bytes, on Linux too");
MAPIOFFLINE_ASSERT(sizeof(MAPIOFFLINE_ADVISEINFO) == (sizeof(void*) == 8 ? 32 : 24), "TYPE-5");
MAPIOFFLINE_ASSERT(offsetof(MAPIOFFLINE_ADVISEINFO, pCallback) == (sizeof(void*) == 8 ? 16 : 12), "TYPE-5");
MAPIOFFLINE_ASSERT(offsetof(MAPIOFFLINE_ADVISEINFO, ulAdviseTypes) == (sizeof(void*) == 8 ? 24 : 16), "TYPE-5");
MAPIOFFLINE_ASSERT(offsetof(MAPIOFFLINE_ADVISEINFO, ulStateMask) == (sizeof(void*) == 8 ? 28 : 20), "TYPE-5");
MAPIOFFLINE_ASSERT(sizeof(MAPIOFFLINE_NOTIFY) == 24, "TYPE-5");
MAPIOFFLINE_ASSERT(offsetof(MAPIOFFLINE_NOTIFY, Info) == 12, "TYPE-5");
MAPIOFFLINE_ASSERT(sizeof(MAPIOFFLINE_AGGREGATEINFO) == (sizeof(void*) == 8 ? 24 : 12), "TYPE-5");
MAPIOFFLINE_ASSERT(sizeof(MAPIOFFLINE_CREATEINFO) == (sizeof(void*) == 8 ? 72 : 40), "TYPE-5");
#undef MAPIOFFLINE_ASSERT
#endif

/// @}

/// @defgroup interfaces Interfaces
/// In the order of their vtables; the slot numbers in the comments count from 0 and include the three
/// of `IUnknown`.
/// @{

#ifdef __cplusplus
/// @brief Reads and changes the state of an offline object, and says which notifications it can give.
///
/// Slots 3 to 6, after the three of `IUnknown`. One object answers for IMAPIOffline and for
/// IMAPIOfflineMgr, through one vtable (IFACE-1 documented, IFACE-2 observed).
/// @role The host implements it; the client calls it.
/// @thread Any thread (decided here; no published page says).
/// @lifetime COM's rules: each pointer that a call gives is released once.
/// @source Documented: page "IMAPIOffline : IUnknown". IFACE-1, IFACE-5. Observed: IFACE-5.1. Decided here: IFACE-4.
MIDL_INTERFACE("000672B5-0000-0000-C000-000000000046") IMAPIOffline : public IUnknown {
public:
    /// @brief Sets the object's state to online or offline. Slot 3.
    ///
    /// A call that changes the state starts a change: every present registration receives the notifications
    /// START, STATECHANGE and DONE (NOTIFY-1, NOTIFY-1.1).
    /// @param[in] ulFlags #MAPIOFFLINE_FLAG_DEFAULT: return at once, the change takes place
    ///   asynchronously (SET-2). #MAPIOFFLINE_FLAG_BLOCK: return when every registration has been
    ///   notified of DONE (SET-3, SET-3.1).
    /// @param[in] ulMask #MAPIOFFLINE_STATE_OFFLINE_MASK: the part of the state to change.
    /// @param[in] ulState #MAPIOFFLINE_STATE_ONLINE or #MAPIOFFLINE_STATE_OFFLINE.
    /// @param[in] pReserved Null.
    /// @retval S_OK DEFAULT: the change has been started. BLOCK: it is complete. Or the object already was in
    ///   that state, and nothing is notified (SET-5).
    /// @retval E_PENDING A change is under way for this object, or in a tree for one below it, whatever the flags of
    ///   the call that started it (SET-4, SET-4.1, SET-4.2); or a call with BLOCK was made on the notification
    ///   thread (SET-7.1). Nothing has changed.
    /// @retval E_INVALIDARG An argument is not one of the values above (SET-1.1). Nothing has changed.
    /// @retval E_OUTOFMEMORY Not enough memory, or the notification thread cannot be started (SET-9). Nothing
    ///   has changed.
    /// @thread Any thread. Of several callers that ask for the same change at once, exactly one starts
    ///   it (SET-8).
    /// @reentrancy May be called inside IMAPIOfflineNotify::Notify with DEFAULT; at DONE it starts the
    ///   next change (SET-6). With BLOCK the call deadlocks there in Outlook (observed, SET-7) and gives
    ///   E_PENDING here (SET-7.1).
    /// @lifetime The caller keeps its reference until the call returns.
    /// @source Documented: page IMAPIOffline::SetCurrentState. SET-1 to SET-4. Observed: SET-6, SET-7.
    ///   Decided here: SET-1.1, SET-2.1, SET-3.1, SET-4.1, SET-4.2, SET-5, SET-6.1, SET-7.1, SET-8, SET-9.
    virtual HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) = 0;

    /// @brief Gets the capabilities: which notifications the object can give. Slot 4.
    /// @param[out] pulCapabilities Receives a bit mask of #MAPIOFFLINE_CAPABILITY_OFFLINE and
    ///   #MAPIOFFLINE_CAPABILITY_ONLINE; a client masks out all other bits (CAPS-1).
    /// @retval S_OK `*pulCapabilities` is set.
    /// @retval E_INVALIDARG `pulCapabilities` is null (GET-2).
    /// @thread Any thread.
    /// @reentrancy May be called inside IMAPIOfflineNotify::Notify.
    /// @lifetime The capabilities never change after the object was created (CREATE-8).
    /// @source Documented: page IMAPIOffline::GetCapabilities. CAPS-1, CAPS-2. Decided here: CAPS-3,
    ///   GET-2.
    virtual HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) = 0;

    /// @brief Gets the object's current state. Slot 5.
    /// @param[out] pulState Receives #MAPIOFFLINE_STATE_ONLINE or #MAPIOFFLINE_STATE_OFFLINE; a client
    ///   masks it with #MAPIOFFLINE_STATE_OFFLINE_MASK, since other bits may be set (GET-1.1).
    /// @retval S_OK `*pulState` is set.
    /// @retval E_INVALIDARG `pulState` is null (GET-2).
    /// @thread Any thread.
    /// @reentrancy May be called inside IMAPIOfflineNotify::Notify: it gives the old state during START
    ///   and the new one from STATECHANGE on (NOTIFY-3).
    /// @lifetime No requirement beyond the caller's own reference.
    /// @source Documented: page IMAPIOffline::GetCurrentState. GET-1. Observed: GET-1.1. Decided here: GET-2, NOTIFY-3.
    virtual HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) = 0;

    /// @brief Placeholder in slot 6: do not call it.
    /// @retval E_NOTIMPL Always, in this reference (IFACE-4).
    /// @thread Any thread.
    /// @reentrancy No requirement.
    /// @lifetime No requirement.
    /// @source Documented as "not supported": page "IMAPIOffline : IUnknown". Its real name and parameters
    ///   are unknown; those used here are decided here. IFACE-4.
    virtual HRESULT STDMETHODCALLTYPE Placeholder6() = 0;
};

/// @brief Registers callbacks for notifications about an offline object's state, and unregisters them.
///
/// Slots 7 to 15, after those of IMAPIOffline. HrOpenOfflineObj gives this interface.
/// @role The host implements it; the client calls it.
/// @thread Any thread (decided here; no published page says).
/// @lifetime COM's rules. When the last reference to an object is released, its registrations end
///   (CREATE-5, UNADVISE-4).
/// @source Documented: page "IMAPIOfflineMgr : IMAPIOffline". IFACE-1, IFACE-3. Observed: IFACE-2.
MIDL_INTERFACE("42175607-FF3E-4790-BC18-66C8643E6424") IMAPIOfflineMgr : public IMAPIOffline {
public:
    /// @brief Registers a callback for notifications about this object. Slot 7.
    /// @param[in] ulFlags #MAPIOFFLINE_ADVISE_DEFAULT.
    /// @param[in] pAdviseInfo What the client asks for; each member as its comment says.
    /// @param[out] pulAdviseToken Receives the token that names this registration in Unadvise; never 0
    ///   (ADVISE-1, ADVISE-1.1), and unique on this object only (ADVISE-1.2). Set to 0 on failure.
    /// @retval S_OK Registered. The client is notified of each change that starts after this (NOTIFY-4).
    /// @retval E_INVALIDARG A parameter or a member of `*pAdviseInfo` is not a supported value
    ///   (ADVISE-2, ADVISE-2.1).
    /// @retval E_NOINTERFACE `pCallback` does not give IMAPIOfflineNotify when asked (ADVISE-3, ADVISE-3.1).
    /// @retval E_OUTOFMEMORY Not enough memory, or all tokens are used up (ADVISE-1.1).
    /// @thread Any thread.
    /// @reentrancy May be called inside IMAPIOfflineNotify::Notify (NOTIFY-6). Calls the callback's
    ///   `QueryInterface`; if that throws an exception, the callback counts as one without the interface
    ///   (NOTIFY-7).
    /// @lifetime The object holds one reference on the callback for each registration, until Unadvise or
    ///   until the object's own end (ADVISE-4). The same callback may be registered many times
    ///   (ADVISE-5).
    /// @source Documented: page IMAPIOfflineMgr::Advise. ADVISE-1 to ADVISE-3. Decided here: ADVISE-1.1,
    ///   ADVISE-1.2, ADVISE-2.1, ADVISE-3.1, ADVISE-4, ADVISE-5.
    virtual HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                             ULONG* pulAdviseToken) = 0;

    /// @brief Ends a registration. Slot 8.
    /// @param[in] ulFlags #MAPIOFFLINE_UNADVISE_DEFAULT.
    /// @param[in] ulAdviseToken What Advise of this object gave (ADVISE-1.2).
    /// @retval S_OK Always: for an unknown or a used-up token and for any flags too (UNADVISE-1, UNADVISE-1.1).
    /// @thread Any thread. While this registration's Notify runs on another thread, the call waits until it
    ///   returns (UNADVISE-3): hold no lock that Notify needs.
    /// @reentrancy May be called inside IMAPIOfflineNotify::Notify, for the same registration or another;
    ///   there it does not wait (UNADVISE-3, NOTIFY-6).
    /// @lifetime Releases the object's reference on the callback (UNADVISE-2). When the call has returned, this
    ///   registration's Notify is not running on another thread and will not run again.
    /// @source Documented: page IMAPIOfflineMgr::Unadvise. UNADVISE-1, UNADVISE-2. Decided here: UNADVISE-1.1,
    ///   UNADVISE-3, UNADVISE-4.
    virtual HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) = 0;

    /// @name Placeholders in slots 9 to 15
    /// Do not call them. Documented as "not supported"; their real names and parameters are unknown, those
    /// used here are decided here. In this reference each returns E_NOTIMPL (IFACE-4).
    /// @{

    /// @brief Slot 9. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder9() = 0;
    /// @brief Slot 10. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder10() = 0;
    /// @brief Slot 11. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder11() = 0;
    /// @brief Slot 12. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder12() = 0;
    /// @brief Slot 13. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder13() = 0;
    /// @brief Slot 14. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder14() = 0;
    /// @brief Slot 15. @retval E_NOTIMPL Always.
    virtual HRESULT STDMETHODCALLTYPE Placeholder15() = 0;
    /// @}
};

/// @brief The client's callback: receives the notifications.
/// @role The client implements it; the host calls it.
/// @thread In Outlook unknown: assume any, your own included. In the reference its own (NOTIFY-5, decided here).
/// @lifetime COM's rules. A registration holds one reference (ADVISE-4).
/// @source Documented: page "IMAPIOfflineNotify : IUnknown". Observed: TYPE-8.
MIDL_INTERFACE("0317BDE5-FC29-44CD-8DCD-36125A3BE9EC") IMAPIOfflineNotify : public IUnknown {
public:
    /// @brief Notifies the client of one phase of a change. Slot 3. Returns nothing.
    /// @param[in] pNotifyInfo The phase, the client's token, the old and the new state. A client checks
    ///   `NotifyType` and `ulMask` first and ignores what is not part of this API (NOTIFY-8).
    /// @thread In Outlook unknown: assume any, your own included. In the reference its own, never the one that
    ///   called SetCurrentState, and never for two registrations of an object at once (NOTIFY-5, decided here).
    /// @reentrancy The client may call anything on the object: Advise, Unadvise, GetCurrentState,
    ///   SetCurrentState with DEFAULT, Release of its last reference (NOTIFY-6). SetCurrentState with BLOCK
    ///   does not work here (SET-7, SET-7.1).
    /// @lifetime `pNotifyInfo` is valid until the method returns. The host keeps a reference on the
    ///   callback during the call. An exception that it throws is caught and traced (NOTIFY-7); a thread that
    ///   ends inside it is replaced (NOTIFY-10).
    /// @source Documented: pages IMAPIOfflineNotify::Notify and MAPIOFFLINE_NOTIFY. NOTIFY-1, NOTIFY-8.
    ///   Decided here: NOTIFY-1.1, NOTIFY-2 to NOTIFY-7, NOTIFY-4.1, NOTIFY-9, NOTIFY-9.1, NOTIFY-10.
    virtual void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) = 0;
};

// Lets __uuidof and IID_PPV_ARGS work with g++ and clang++ too.
#ifdef __CRT_UUID_DECL
__CRT_UUID_DECL(IMAPIOffline, 0x000672B5, 0x0000, 0x0000, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46)
__CRT_UUID_DECL(IMAPIOfflineMgr, 0x42175607, 0xFF3E, 0x4790, 0xBC, 0x18, 0x66, 0xC8, 0x64, 0x3E, 0x64, 0x24)
__CRT_UUID_DECL(IMAPIOfflineNotify, 0x0317BDE5, 0xFC29, 0x44CD, 0x8D, 0xCD, 0x36, 0x12, 0x5A, 0x3B, 0xE9, 0xEC)
#endif

#else // The same interfaces in C: each repeats the slots of its base.

#define MAPIOFFLINE_IUNKNOWN(type)                                                                                     \
    HRESULT(STDMETHODCALLTYPE* QueryInterface)(type * This, REFIID riid, void** ppvObject);                            \
    ULONG(STDMETHODCALLTYPE* AddRef)(type * This);                                                                     \
    ULONG(STDMETHODCALLTYPE* Release)(type * This);
#define MAPIOFFLINE_IMAPIOFFLINE(type)                                                                                 \
    MAPIOFFLINE_IUNKNOWN(type)                                                                                         \
    HRESULT(STDMETHODCALLTYPE* SetCurrentState)                                                                        \
    (type * This, ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved);                                        \
    HRESULT(STDMETHODCALLTYPE* GetCapabilities)(type * This, ULONG * pulCapabilities);                                 \
    HRESULT(STDMETHODCALLTYPE* GetCurrentState)(type * This, ULONG * pulState);                                        \
    HRESULT(STDMETHODCALLTYPE* Placeholder6)(type * This);

typedef struct IMAPIOfflineVtbl {
    MAPIOFFLINE_IMAPIOFFLINE(IMAPIOffline)
} IMAPIOfflineVtbl;

typedef struct IMAPIOfflineMgrVtbl {
    MAPIOFFLINE_IMAPIOFFLINE(IMAPIOfflineMgr)
    HRESULT(STDMETHODCALLTYPE* Advise)
    (IMAPIOfflineMgr* This, ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo, ULONG* pulAdviseToken);
    HRESULT(STDMETHODCALLTYPE* Unadvise)(IMAPIOfflineMgr* This, ULONG ulFlags, ULONG ulAdviseToken);
    HRESULT(STDMETHODCALLTYPE* Placeholder9)(IMAPIOfflineMgr* This);
    HRESULT(STDMETHODCALLTYPE* Placeholder10)(IMAPIOfflineMgr* This);
    HRESULT(STDMETHODCALLTYPE* Placeholder11)(IMAPIOfflineMgr* This);
    HRESULT(STDMETHODCALLTYPE* Placeholder12)(IMAPIOfflineMgr* This);
    HRESULT(STDMETHODCALLTYPE* Placeholder13)(IMAPIOfflineMgr* This);
    HRESULT(STDMETHODCALLTYPE* Placeholder14)(IMAPIOfflineMgr* This);
    HRESULT(STDMETHODCALLTYPE* Placeholder15)(IMAPIOfflineMgr* This);
} IMAPIOfflineMgrVtbl;

typedef struct IMAPIOfflineNotifyVtbl {
    MAPIOFFLINE_IUNKNOWN(IMAPIOfflineNotify)
    void(STDMETHODCALLTYPE* Notify)(IMAPIOfflineNotify* This, const MAPIOFFLINE_NOTIFY* pNotifyInfo);
} IMAPIOfflineNotifyVtbl;

#undef MAPIOFFLINE_IMAPIOFFLINE
#undef MAPIOFFLINE_IUNKNOWN

struct IMAPIOffline {
    const IMAPIOfflineVtbl* lpVtbl;
};
struct IMAPIOfflineMgr {
    const IMAPIOfflineMgrVtbl* lpVtbl;
};
struct IMAPIOfflineNotify {
    const IMAPIOfflineNotifyVtbl* lpVtbl;
};

#ifdef COBJMACROS
#define IMAPIOffline_QueryInterface(This, riid, ppvObject) ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IMAPIOffline_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IMAPIOffline_Release(This) ((This)->lpVtbl->Release(This))
#define IMAPIOffline_SetCurrentState(This, ulFlags, ulMask, ulState, pReserved)                                        \
    ((This)->lpVtbl->SetCurrentState(This, ulFlags, ulMask, ulState, pReserved))
#define IMAPIOffline_GetCapabilities(This, pulCapabilities) ((This)->lpVtbl->GetCapabilities(This, pulCapabilities))
#define IMAPIOffline_GetCurrentState(This, pulState) ((This)->lpVtbl->GetCurrentState(This, pulState))

#define IMAPIOfflineMgr_QueryInterface(This, riid, ppvObject) IMAPIOffline_QueryInterface(This, riid, ppvObject)
#define IMAPIOfflineMgr_AddRef(This) IMAPIOffline_AddRef(This)
#define IMAPIOfflineMgr_Release(This) IMAPIOffline_Release(This)
#define IMAPIOfflineMgr_SetCurrentState(This, ulFlags, ulMask, ulState, pReserved)                                     \
    IMAPIOffline_SetCurrentState(This, ulFlags, ulMask, ulState, pReserved)
#define IMAPIOfflineMgr_GetCapabilities(This, pulCapabilities) IMAPIOffline_GetCapabilities(This, pulCapabilities)
#define IMAPIOfflineMgr_GetCurrentState(This, pulState) IMAPIOffline_GetCurrentState(This, pulState)
#define IMAPIOfflineMgr_Advise(This, ulFlags, pAdviseInfo, pulAdviseToken)                                             \
    ((This)->lpVtbl->Advise(This, ulFlags, pAdviseInfo, pulAdviseToken))
#define IMAPIOfflineMgr_Unadvise(This, ulFlags, ulAdviseToken) ((This)->lpVtbl->Unadvise(This, ulFlags, ulAdviseToken))

#define IMAPIOfflineNotify_QueryInterface(This, riid, ppvObject) IMAPIOffline_QueryInterface(This, riid, ppvObject)
#define IMAPIOfflineNotify_AddRef(This) IMAPIOffline_AddRef(This)
#define IMAPIOfflineNotify_Release(This) IMAPIOffline_Release(This)
#define IMAPIOfflineNotify_Notify(This, pNotifyInfo) ((This)->lpVtbl->Notify(This, pNotifyInfo))
#endif

#endif

/// @}

/// @defgroup functions Functions
/// Outlook exports them from `olmapi32.dll` or `msmapi32.dll`, as `HrOpenOfflineObj` or
/// `HrOpenOfflineObj@20`. Which of these it is, is not certain for any architecture (OPEN-5). So a client in
/// Outlook's process tries both names in both modules, if they are loaded. The function types below are for
/// the pointers that it finds.
/// @{

/// @brief The type of HrOpenOfflineObj, for a pointer that a client looks up. A function type: the pointer
/// is an `HROPENOFFLINEOBJ*`.
/// @source Documented: page HrOpenOfflineObj.
typedef HRESULT(STDMETHODCALLTYPE HROPENOFFLINEOBJ)(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID,
                                                    const GUID* pReserved, IMAPIOfflineMgr** ppOfflineObj);

/// @brief The type of HrCreateOfflineObj, for a pointer that a host looks up.
/// @source Decided here, by the pattern of HROPENOFFLINEOBJ.
typedef HRESULT(STDMETHODCALLTYPE HRCREATEOFFLINEOBJ)(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo,
                                                      IMAPIOfflineMgr** ppOffline);

/// @brief Opens the existing offline object of a profile.
/// @role The host's library exports it; the client calls it.
/// @param[in] ulReserved 0.
/// @param[in] pwszProfileNameIn The profile's name, null-terminated, in Unicode; 1 to 64 characters,
///   compared without regard to case (OPEN-6). Its units are `wchar_t`: 2 bytes on Windows, elsewhere mostly 4. Where
///   they have 4, UTF-16 (what C#, for example, passes) is not a valid name: reading stops at the first unit above
///   0x10FFFF (decided here).
/// @param[in] pGUID Points to #GUID_GlobalState.
/// @param[in] pReserved Null.
/// @param[out] ppOfflineObj Receives the object; the caller releases it. Set to null on failure.
/// @retval S_OK `*ppOfflineObj` is the profile's object: the same one each time while it lives (OPEN-7).
/// @retval MAPI_E_NOT_FOUND The call failed: no such profile, not inside Outlook's process (here: no host
///   in this process has created an object for it), or an argument that breaks the contract. The reason is
///   in the trace (OPEN-3, OPEN-3.1, OPEN-4, OPEN-4.1).
/// @thread Any thread.
/// @reentrancy May be called inside IMAPIOfflineNotify::Notify.
/// @lifetime The object lives while anyone holds a reference (CREATE-5).
/// @source Documented: page HrOpenOfflineObj. OPEN-1 to OPEN-4. Observed: OPEN-5, OPEN-5.1, OPEN-5.2, OPEN-5.3.
///   Decided here: OPEN-3.1, OPEN-4.1, OPEN-5.4, OPEN-6, OPEN-7.
STDAPI HrOpenOfflineObj(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID, const GUID* pReserved,
                        IMAPIOfflineMgr** ppOfflineObj);

/// @brief Creates an offline object, or gives the one that exists.
/// @role The host's library exports it; the host (Outlook, a provider) calls it.
/// @param[in] ulFlags 0.
/// @param[in] pCreateInfo Which object; each member as its comment says.
/// @param[out] ppOffline Receives the object; the caller releases it. Set to null on failure.
/// @retval S_OK `*ppOffline` is the object: the one that exists, with the capabilities that it was created with
///   (CREATE-8), or a new one: a profile's global object, online (CREATE-2, CREATE-6), a provider's (CREATE-3) or a
///   store's (CREATE-4), in the state of its parent (CREATE-6.1).
/// @retval E_INVALIDARG An argument or a member breaks the contract (CREATE-1.1), the profile's name is not valid
///   (CREATE-7), or the members do not describe one of these three objects (CREATE-9).
/// @retval E_OUTOFMEMORY Not enough memory (CREATE-10).
/// @thread Any thread.
/// @reentrancy May be called inside IMAPIOfflineNotify::Notify.
/// @lifetime The object lives while anyone holds a reference (CREATE-5), and keeps its parent alive (CREATE-11). What
///   `pCreateInfo` points to is read during the call only.
/// @source Documented: pages HrCreateOfflineObj (which says that it returns nothing) and
///   MAPIOFFLINE_CREATEINFO. CREATE-1 to CREATE-4. Decided here: all result codes, CREATE-1.1, CREATE-4.1,
///   CREATE-5 to CREATE-11, CREATE-6.1.
STDAPI HrCreateOfflineObj(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo, IMAPIOfflineMgr** ppOffline);

/// @}
