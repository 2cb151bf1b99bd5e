// Read this first: the two exported functions. They check the arguments, then find or create the object.
#include "object_registry.h"
#include "offline_object.h"
#include "profile_name.h"
#include "trace.h"

#include <mapioffline.h>

using namespace offline_state;
using Microsoft::WRL::ComPtr;

namespace {

/// The kinds of object that a host can create (CREATE-2 to CREATE-4).
enum class Kind { global, provider, store, none };

/// Which of them the members are for: that depends on which members are null.
Kind kind_of(const MAPIOFFLINE_CREATEINFO& info) noexcept {
    const bool instance = info.pInstance != nullptr;
    const bool parent = info.pParent != nullptr;
    const bool aggregated = info.pAggregateInfo != nullptr;
    if (info.pGUID == nullptr) {
        const bool outer = aggregated && info.pAggregateInfo->pOuterObj != nullptr;
        return !instance && parent && outer ? Kind::store : Kind::none;
    }
    const bool global = *info.pGUID == GUID_GlobalState;
    const bool fits = instance != global && parent != global && !aggregated;
    return !fits ? Kind::none : global ? Kind::global : Kind::provider;
}

/// Why HrCreateOfflineObj refuses the arguments (CREATE-1, CREATE-7, CREATE-9), or null.
const char* fault_of(ULONG flags, const MAPIOFFLINE_CREATEINFO* info) noexcept {
    // clang-format off
    return flags != 0                                    ? "ulFlags is not 0"
         : info == nullptr                               ? "pCreateInfo is null"
         : info->ulSize != sizeof *info                  ? "ulSize is not the size of MAPIOFFLINE_CREATEINFO"
         : info->ulCreateFlags != 0                      ? "ulCreateFlags is not 0"
         : fault_of_profile_name(info->pwszProfileName)  ? fault_of_profile_name(info->pwszProfileName)
         : info->pConnectInfo != nullptr                 ? "pConnectInfo is not null"
         : info->pAggregateInfo != nullptr && info->pAggregateInfo->ulSize != sizeof *info->pAggregateInfo
                                                         ? "ulSize is not the size of MAPIOFFLINE_AGGREGATEINFO"
         : info->pAggregateInfo != nullptr && info->pAggregateInfo->pRefTrackRoot != nullptr
                                                         ? "pRefTrackRoot is not null"
         : kind_of(*info) == Kind::none                  ? "the members fit no global, provider's or store's object"
                                                         : nullptr;
    // clang-format on
}

/// The object that `info` describes; null if the parent is not one for it (CREATE-9).
ComPtr<OfflineObject> create(const MAPIOFFLINE_CREATEINFO& info) {
    const Kind kind = kind_of(info);
    ComPtr<OfflineObject> parent;
    if (kind != Kind::global) {
        parent = find_object(info.pwszProfileName, info.pParent);
        if (!parent || parent->is_global() != (kind == Kind::provider)) {
            return nullptr;
        }
    }
    if (kind == Kind::store) {
        ComPtr<OfflineObject> object;
        *object.GetAddressOf() = new OfflineObject(ObjectIdentity(info.pwszProfileName), info.ulCapabilities, parent,
                                                   info.pAggregateInfo->pOuterObj);
        return object;
    }
    const GUID instance = kind == Kind::provider ? *info.pInstance : GUID{};
    return find_or_create_object(ObjectIdentity(info.pwszProfileName, *info.pGUID, instance), info.ulCapabilities,
                                 parent);
}

} // namespace

STDAPI HrOpenOfflineObj(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID, const GUID* pReserved,
                        IMAPIOfflineMgr** ppOfflineObj) {
    if (ppOfflineObj != nullptr) {
        *ppOfflineObj = nullptr;
    }
    // clang-format off
    const char* const fault = // OPEN-2, OPEN-6
           ppOfflineObj == nullptr                          ? "ppOfflineObj is null"
         : ulReserved != 0                                  ? "ulReserved is not 0"
         : fault_of_profile_name(pwszProfileNameIn)         ? fault_of_profile_name(pwszProfileNameIn)
         : pGUID == nullptr || *pGUID != GUID_GlobalState   ? "pGUID does not point to GUID_GlobalState"
         : pReserved != nullptr                             ? "pReserved is not null"
                                                            : nullptr;
    // clang-format on
    Outcome outcome = checked_call(fault, [&]() -> Outcome {
        *ppOfflineObj = find_object(ObjectIdentity(pwszProfileNameIn, GUID_GlobalState)).Detach();
        return *ppOfflineObj != nullptr
                   ? Outcome{}
                   : Outcome{MAPI_E_NOT_FOUND, "no host in this process has created an object for this profile"};
    });
    if (FAILED(outcome.result)) { // OPEN-3.1
        outcome.result = MAPI_E_NOT_FOUND;
    }
    return traced("HrOpenOfflineObj", outcome,
                  {"ulReserved", "pwszProfileNameIn", "pGUID", "pReserved", "ppOfflineObj"}, ulReserved,
                  pwszProfileNameIn, pGUID, static_cast<const void*>(pReserved), ppOfflineObj);
}

STDAPI HrCreateOfflineObj(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo, IMAPIOfflineMgr** ppOffline) {
    if (ppOffline != nullptr) {
        *ppOffline = nullptr;
    }
    const char* const fault = ppOffline == nullptr ? "ppOffline is null" : fault_of(ulFlags, pCreateInfo);
    const Outcome outcome = checked_call(fault, [&]() -> Outcome {
        *ppOffline = create(*pCreateInfo).Detach();
        return *ppOffline != nullptr ? Outcome{} : Outcome{E_INVALIDARG, "pParent is not a parent for this object"};
    });
    return traced("HrCreateOfflineObj", outcome, {"ulFlags", "pCreateInfo", "ppOffline"}, ulFlags, pCreateInfo,
                  ppOffline);
}
