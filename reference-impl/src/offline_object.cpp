#include "offline_object.h"

#include "object_registry.h"
#include "trace.h"

#include <utility>

namespace offline_state {

using Microsoft::WRL::ComPtr;

namespace {

/// Why Advise cannot take it (ADVISE-2), or null.
const char* fault_of(ULONG flags, const MAPIOFFLINE_ADVISEINFO* info, const ULONG* token) noexcept {
    // clang-format off
    return flags != MAPIOFFLINE_ADVISE_DEFAULT ? "ulFlags is not MAPIOFFLINE_ADVISE_DEFAULT"
         : info == nullptr                     ? "pAdviseInfo is null"
         : token == nullptr                    ? "pulAdviseToken is null"
         : info->ulSize != sizeof *info        ? "ulSize is not the size of MAPIOFFLINE_ADVISEINFO"
         : info->CallbackType != MAPIOFFLINE_CALLBACK_TYPE_NOTIFY
                                               ? "CallbackType is not MAPIOFFLINE_CALLBACK_TYPE_NOTIFY"
         : info->pCallback == nullptr          ? "pCallback is null"
         : info->ulAdviseTypes != MAPIOFFLINE_ADVISE_TYPE_STATECHANGE
                                               ? "ulAdviseTypes is not MAPIOFFLINE_ADVISE_TYPE_STATECHANGE"
         : info->ulStateMask != MAPIOFFLINE_STATE_ALL
                                               ? "ulStateMask is not MAPIOFFLINE_STATE_ALL"
                                               : nullptr;
    // clang-format on
}

/// Why SetCurrentState cannot take it (SET-1), or null.
const char* fault_of(ULONG flags, ULONG mask, ULONG state, const void* reserved) noexcept {
    // clang-format off
    return flags != MAPIOFFLINE_FLAG_DEFAULT && flags != MAPIOFFLINE_FLAG_BLOCK
               ? "ulFlags is neither MAPIOFFLINE_FLAG_DEFAULT nor MAPIOFFLINE_FLAG_BLOCK"
         : mask != MAPIOFFLINE_STATE_OFFLINE_MASK
               ? "ulMask is not MAPIOFFLINE_STATE_OFFLINE_MASK"
         : state != MAPIOFFLINE_STATE_ONLINE && state != MAPIOFFLINE_STATE_OFFLINE
               ? "ulState is neither MAPIOFFLINE_STATE_ONLINE nor MAPIOFFLINE_STATE_OFFLINE"
         : reserved != nullptr
               ? "pReserved is not null"
               : nullptr;
    // clang-format on
}

/// The count of an object that is being destroyed. A callback that is released then may still take a reference and give
/// it back: that must not end the object once more.
constexpr ULONG ending = 0x8000'0000;

} // namespace

OfflineObject::OfflineObject(ObjectIdentity identity, ULONG capabilities, ComPtr<OfflineObject> parent, IUnknown* outer)
    : identity_(std::move(identity)), parent_(parent.Detach()),
      state_(parent_ ? ConnectionState(capabilities, parent_->state_) : ConnectionState(capabilities)) {
    if (outer != nullptr) {
        face_.emplace(*this, *outer);
    }
}

// IUnknown

HRESULT OfflineObject::QueryInterface(REFIID riid, void** ppvObject) {
    return traced_call(
        "IUnknown::QueryInterface",
        [&]() -> Outcome {
            if (ppvObject == nullptr) {
                return {E_POINTER, "ppvObject is null"};
            }
            *ppvObject = nullptr;
            IMAPIOfflineMgr* face = nullptr;
            if (riid == __uuidof(IUnknown)) {
                face = this;
            } else if (riid == IID_IMAPIOffline || riid == IID_IMAPIOfflineMgr) { // one vtable for all three (IFACE-2)
                face = face_ ? static_cast<IMAPIOfflineMgr*>(&*face_) : this;
            } else {
                return {E_NOINTERFACE, "the object has no such interface"};
            }
            face->AddRef();
            *ppvObject = face;
            return {};
        },
        Argument{"ppvObject", ppvObject});
}

ULONG OfflineObject::AddRef() {
    const ULONG count = references_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (is_tracing()) {
        trace(TraceEvent::Kind::call, "IUnknown::AddRef", {}, {static_cast<HRESULT>(count)});
    }
    return count;
}

ULONG OfflineObject::Release() {
    const ULONG count = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (count == 0) {
        forget_object(identity_, this);
        references_.store(ending, std::memory_order_relaxed);
        delete this;
    }
    if (is_tracing()) {
        trace(TraceEvent::Kind::call, "IUnknown::Release", {}, {static_cast<HRESULT>(count)});
    }
    return count;
}

HRESULT OfflineObject::placeholder() {
    return traced_call("placeholder", [] { return Outcome{E_NOTIMPL, "a placeholder"}; });
}

bool OfflineObject::add_reference_if_alive() noexcept {
    ULONG count = references_.load(std::memory_order_relaxed);
    while (count != 0) {
        if (references_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

// IMAPIOffline

HRESULT OfflineObject::SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) {
    return traced_call(
        "IMAPIOffline::SetCurrentState",
        [&]() -> Outcome {
            if (const char* const fault = fault_of(ulFlags, ulMask, ulState, pReserved)) {
                return {E_INVALIDARG, fault};
            }
            return state_.set(ulState, ulFlags == MAPIOFFLINE_FLAG_BLOCK);
        },
        Argument{"ulFlags", ulFlags}, Argument{"ulMask", ulMask}, Argument{"ulState", ulState},
        Argument{"pReserved", pReserved});
}

HRESULT OfflineObject::GetCapabilities(ULONG* pulCapabilities) {
    return traced_call(
        "IMAPIOffline::GetCapabilities",
        [&]() -> Outcome {
            if (pulCapabilities == nullptr) {
                return {E_INVALIDARG, "pulCapabilities is null"};
            }
            *pulCapabilities = state_.capabilities();
            return {};
        },
        Argument{"pulCapabilities", pulCapabilities});
}

HRESULT OfflineObject::GetCurrentState(ULONG* pulState) {
    return traced_call(
        "IMAPIOffline::GetCurrentState",
        [&]() -> Outcome {
            if (pulState == nullptr) {
                return {E_INVALIDARG, "pulState is null"};
            }
            *pulState = state_.current();
            return {};
        },
        Argument{"pulState", pulState});
}

// IMAPIOfflineMgr

HRESULT OfflineObject::Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo, ULONG* pulAdviseToken) {
    return traced_call(
        "IMAPIOfflineMgr::Advise",
        [&]() -> Outcome {
            if (pulAdviseToken != nullptr) {
                *pulAdviseToken = 0;
            }
            if (const char* const fault = fault_of(ulFlags, pAdviseInfo, pulAdviseToken)) {
                return {E_INVALIDARG, fault};
            }
            Callback callback = callback_of(*pAdviseInfo->pCallback);
            if (!callback) {
                return {E_NOINTERFACE, "pCallback does not give IMAPIOfflineNotify"};
            }
            *pulAdviseToken = state_.add_registration(std::move(callback), pAdviseInfo->ulClientToken);
            return *pulAdviseToken != 0 ? Outcome{} : Outcome{E_OUTOFMEMORY, "all tokens are used up"};
        },
        Argument{"ulFlags", ulFlags}, Argument{"pAdviseInfo", pAdviseInfo}, Argument{"pulAdviseToken", pulAdviseToken});
}

HRESULT OfflineObject::Unadvise(ULONG ulFlags, ULONG ulAdviseToken) {
    return traced_call(
        "IMAPIOfflineMgr::Unadvise",
        [&]() -> Outcome {
            state_.remove_registration(ulAdviseToken);
            return {}; // UNADVISE-1: whatever the flags and the token
        },
        Argument{"ulFlags", ulFlags}, Argument{"ulAdviseToken", ulAdviseToken});
}

} // namespace offline_state
