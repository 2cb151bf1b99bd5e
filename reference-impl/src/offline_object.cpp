#include "offline_object.h"

#include <utility>

namespace offline_state {

using Microsoft::WRL::ComPtr;

// IMAPIOffline

HRESULT OfflineMethods::SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) {
    // clang-format off
    const char* const fault = // SET-1
           ulFlags != MAPIOFFLINE_FLAG_DEFAULT && ulFlags != MAPIOFFLINE_FLAG_BLOCK
               ? "ulFlags is neither MAPIOFFLINE_FLAG_DEFAULT nor MAPIOFFLINE_FLAG_BLOCK"
         : ulMask != MAPIOFFLINE_STATE_OFFLINE_MASK
               ? "ulMask is not MAPIOFFLINE_STATE_OFFLINE_MASK"
         : ulState != MAPIOFFLINE_STATE_ONLINE && ulState != MAPIOFFLINE_STATE_OFFLINE
               ? "ulState is neither MAPIOFFLINE_STATE_ONLINE nor MAPIOFFLINE_STATE_OFFLINE"
         : pReserved != nullptr ? "pReserved is not null" : nullptr;
    // clang-format on
    const Outcome outcome = checked_call(fault, [&] { return state_.set(ulState, ulFlags == MAPIOFFLINE_FLAG_BLOCK); });
    return traced("IMAPIOffline::SetCurrentState", outcome, {"ulFlags", "ulMask", "ulState", "pReserved"}, ulFlags,
                  ulMask, ulState, pReserved);
}

HRESULT OfflineMethods::GetCapabilities(ULONG* pulCapabilities) {
    const char* const fault = pulCapabilities == nullptr ? "pulCapabilities is null" : nullptr;
    const Outcome outcome = checked_call(fault, [&] { *pulCapabilities = state_.capabilities(); });
    return traced("IMAPIOffline::GetCapabilities", outcome, {"pulCapabilities"}, pulCapabilities);
}

HRESULT OfflineMethods::GetCurrentState(ULONG* pulState) {
    const char* const fault = pulState == nullptr ? "pulState is null" : nullptr;
    const Outcome outcome = checked_call(fault, [&] { *pulState = state_.current(); });
    return traced("IMAPIOffline::GetCurrentState", outcome, {"pulState"}, pulState);
}

// IMAPIOfflineMgr

HRESULT OfflineMethods::Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo, ULONG* pulAdviseToken) {
    if (pulAdviseToken != nullptr) {
        *pulAdviseToken = 0;
    }
    // clang-format off
    const char* const fault = // ADVISE-2
           ulFlags != MAPIOFFLINE_ADVISE_DEFAULT ? "ulFlags is not MAPIOFFLINE_ADVISE_DEFAULT"
         : pAdviseInfo == nullptr ? "pAdviseInfo is null"
         : pulAdviseToken == nullptr ? "pulAdviseToken is null"
         : pAdviseInfo->ulSize != sizeof *pAdviseInfo ? "ulSize is not the size of MAPIOFFLINE_ADVISEINFO"
         : pAdviseInfo->CallbackType != MAPIOFFLINE_CALLBACK_TYPE_NOTIFY
               ? "CallbackType is not MAPIOFFLINE_CALLBACK_TYPE_NOTIFY"
         : pAdviseInfo->pCallback == nullptr ? "pCallback is null"
         : pAdviseInfo->ulAdviseTypes != MAPIOFFLINE_ADVISE_TYPE_STATECHANGE
               ? "ulAdviseTypes is not MAPIOFFLINE_ADVISE_TYPE_STATECHANGE"
         : pAdviseInfo->ulStateMask != MAPIOFFLINE_STATE_ALL ? "ulStateMask is not MAPIOFFLINE_STATE_ALL" : nullptr;
    // clang-format on
    const Outcome outcome = checked_call(fault, [&]() -> Outcome {
        Callback callback = callback_of(*pAdviseInfo->pCallback);
        if (!callback) { // ADVISE-3
            return {E_NOINTERFACE, "pCallback does not give IMAPIOfflineNotify"};
        }
        *pulAdviseToken = state_.add_registration(std::move(callback), pAdviseInfo->ulClientToken);
        return *pulAdviseToken != 0 ? Outcome{} : Outcome{E_OUTOFMEMORY, "all tokens are used up"};
    });
    return traced("IMAPIOfflineMgr::Advise", outcome, {"ulFlags", "pAdviseInfo", "pulAdviseToken"}, ulFlags,
                  pAdviseInfo, pulAdviseToken);
}

HRESULT OfflineMethods::Unadvise(ULONG ulFlags, ULONG ulAdviseToken) {
    const Outcome outcome = checked_call(nullptr, [&] { state_.remove_registration(ulAdviseToken); }); // UNADVISE-1.1
    return traced("IMAPIOfflineMgr::Unadvise", outcome, {"ulFlags", "ulAdviseToken"}, ulFlags, ulAdviseToken);
}

// IUnknown

OfflineObject::OfflineObject(ObjectIdentity identity, ULONG capabilities, ComPtr<OfflineObject> parent, IUnknown* outer)
    : OfflineMethods(own_state_), identity_(std::move(identity)), parent_(parent.Detach()),
      own_state_(capabilities, parent_ ? &parent_->own_state_ : nullptr) {
    if (outer != nullptr) {
        face_.emplace(own_state_, *outer);
    }
}

HRESULT OfflineObject::QueryInterface(REFIID riid, void** ppvObject) {
    IMAPIOfflineMgr* face = nullptr; // one vtable for all three interfaces (IFACE-2)
    if (riid == __uuidof(IUnknown)) {
        face = this;
    } else if (riid == IID_IMAPIOffline || riid == IID_IMAPIOfflineMgr) {
        face = face_ ? static_cast<IMAPIOfflineMgr*>(&*face_) : this;
    }
    Outcome outcome;
    if (ppvObject == nullptr) {
        outcome = {E_POINTER, "ppvObject is null"};
    } else if (face == nullptr) {
        *ppvObject = nullptr;
        outcome = {E_NOINTERFACE, "the object has no such interface"};
    } else {
        face->AddRef();
        *ppvObject = face;
    }
    return traced("IUnknown::QueryInterface", outcome, {"riid", "ppvObject"}, &riid, ppvObject);
}

ULONG OfflineObject::AddRef() {
    const ULONG count = references_.fetch_add(1, std::memory_order_relaxed) + 1;
    traced("IUnknown::AddRef", {static_cast<HRESULT>(count)});
    return count;
}

ULONG OfflineObject::Release() {
    const ULONG count = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (count == 0) {
        forget_object(identity_, this);
        // A callback that is released now may take a reference and give it back: that must not end the object again.
        references_.store(0x8000'0000, std::memory_order_relaxed);
        delete this;
    }
    traced("IUnknown::Release", {static_cast<HRESULT>(count)});
    return count;
}

bool OfflineObject::add_reference_if_alive() noexcept {
    ULONG count = references_.load(std::memory_order_relaxed);
    while (count != 0 && !references_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) {
    }
    return count != 0;
}

} // namespace offline_state
