// The two exported functions: check the arguments, look up, hand out.
#include "object_registry.h"
#include "profile_name.h"
#include "trace.h"

#include <mapioffline.h>

using namespace offline_state;
using Microsoft::WRL::ComPtr;

namespace {

/// Why HrOpenOfflineObj cannot look it up (OPEN-2, OPEN-6), or null.
const char* fault_of_open(ULONG reserved, LPCWSTR profile_name, const GUID* guid, const GUID* reserved_guid) noexcept {
    // clang-format off
    return reserved != 0                                 ? "ulReserved is not 0"
         : fault_of_profile_name(profile_name)           ? fault_of_profile_name(profile_name)
         : guid == nullptr || *guid != GUID_GlobalState  ? "pGUID does not point to GUID_GlobalState"
         : reserved_guid != nullptr                      ? "pReserved is not null"
                                                         : nullptr;
    // clang-format on
}

/// Why there can be no such object (CREATE-1, CREATE-7), or null.
const char* fault_of_create(ULONG flags, const MAPIOFFLINE_CREATEINFO* info) noexcept {
    // clang-format off
    return flags != 0                                    ? "ulFlags is not 0"
         : info == nullptr                               ? "pCreateInfo is null"
         : info->ulSize != sizeof *info                  ? "ulSize is not the size of MAPIOFFLINE_CREATEINFO"
         : info->ulCreateFlags != 0                      ? "ulCreateFlags is not 0"
         : fault_of_profile_name(info->pwszProfileName)  ? fault_of_profile_name(info->pwszProfileName)
         : info->pConnectInfo != nullptr                 ? "pConnectInfo is not null"
         : info->pAggregateInfo == nullptr               ? nullptr
         : info->pAggregateInfo->ulSize != sizeof *info->pAggregateInfo
                                                         ? "ulSize is not the size of MAPIOFFLINE_AGGREGATEINFO"
         : info->pAggregateInfo->pRefTrackRoot != nullptr
                                                         ? "pRefTrackRoot is not null"
                                                         : nullptr;
    // clang-format on
}

/// Which of the objects that there can be (CREATE-2 to CREATE-4), told by what is null.
enum class Kind { global, provider, store, none };

Kind kind_of(const MAPIOFFLINE_CREATEINFO& info) noexcept {
    const bool instance = info.pInstance != nullptr;
    const bool parent = info.pParent != nullptr;
    const bool outer = info.pAggregateInfo != nullptr && info.pAggregateInfo->pOuterObj != nullptr;
    const bool aggregated = info.pAggregateInfo != nullptr;
    if (info.pGUID == nullptr) {
        return !instance && parent && outer ? Kind::store : Kind::none;
    }
    if (*info.pGUID == GUID_GlobalState) {
        return !instance && !parent && !aggregated ? Kind::global : Kind::none;
    }
    return instance && parent && !aggregated ? Kind::provider : Kind::none;
}

/// The object that `info` asks for; null when its parent is not one for it (CREATE-9).
ComPtr<IMAPIOfflineMgr> create(Kind kind, const MAPIOFFLINE_CREATEINFO& info) {
    if (kind == Kind::global) {
        return find_or_create_object(ObjectIdentity(info.pwszProfileName, GUID_GlobalState), info.ulCapabilities,
                                     nullptr);
    }
    const ComPtr<OfflineObject> parent = find_object(info.pwszProfileName, info.pParent);
    if (!parent || parent->is_global() != (kind == Kind::provider)) {
        return nullptr;
    }
    if (kind == Kind::provider) {
        return find_or_create_object(ObjectIdentity(info.pwszProfileName, *info.pGUID, *info.pInstance),
                                     info.ulCapabilities, parent);
    }
    ComPtr<IMAPIOfflineMgr> object;
    *object.GetAddressOf() = new OfflineObject(ObjectIdentity(info.pwszProfileName), info.ulCapabilities, parent,
                                               info.pAggregateInfo->pOuterObj);
    return object;
}

} // namespace

STDAPI HrOpenOfflineObj(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID, const GUID* pReserved,
                        IMAPIOfflineMgr** ppOfflineObj) {
    return traced_call(
        "HrOpenOfflineObj",
        [&]() -> Outcome {
            if (ppOfflineObj == nullptr) {
                return {MAPI_E_NOT_FOUND, "ppOfflineObj is null"};
            }
            *ppOfflineObj = nullptr;
            if (const char* const fault = fault_of_open(ulReserved, pwszProfileNameIn, pGUID, pReserved)) {
                return {MAPI_E_NOT_FOUND, fault};
            }
            try {
                *ppOfflineObj = find_object(ObjectIdentity(pwszProfileNameIn, GUID_GlobalState)).Detach();
            } catch (const std::bad_alloc&) {
                return {MAPI_E_NOT_FOUND, "no memory"};
            }
            return *ppOfflineObj != nullptr
                       ? Outcome{}
                       : Outcome{MAPI_E_NOT_FOUND, "no host in this process has created an object for this profile"};
        },
        Argument{"ulReserved", ulReserved}, Argument{"pwszProfileNameIn", pwszProfileNameIn}, Argument{"pGUID", pGUID},
        Argument{"pReserved", pReserved}, Argument{"ppOfflineObj", ppOfflineObj});
}

STDAPI HrCreateOfflineObj(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo, IMAPIOfflineMgr** ppOffline) {
    return traced_call(
        "HrCreateOfflineObj",
        [&]() -> Outcome {
            if (ppOffline == nullptr) {
                return {E_INVALIDARG, "ppOffline is null"};
            }
            *ppOffline = nullptr;
            if (const char* const fault = fault_of_create(ulFlags, pCreateInfo)) {
                return {E_INVALIDARG, fault};
            }
            const Kind kind = kind_of(*pCreateInfo);
            if (kind == Kind::none) {
                return {E_INVALIDARG, "neither a global object's members, nor a provider's, nor a store's"};
            }
            *ppOffline = create(kind, *pCreateInfo).Detach();
            return *ppOffline != nullptr ? Outcome{} : Outcome{E_INVALIDARG, "pParent is not the object's parent"};
        },
        Argument{"ulFlags", ulFlags}, Argument{"pCreateInfo", pCreateInfo}, Argument{"ppOffline", ppOffline});
}
