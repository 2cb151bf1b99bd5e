// The COM object: identity, reference count, and the checks of the arguments. What it does is ConnectionState's.
#pragma once

#include "aggregated_face.h"
#include "connection_state.h"
#include "object_identity.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <optional>

namespace offline_state {

class OfflineObject final : public IMAPIOfflineMgr {
public:
    /// Begins with one reference, the caller's.
    /// @param parent Null for a global object; else kept alive (CREATE-11).
    /// @param outer The object that this one is aggregated into, or null. Not kept alive: it holds this one.
    OfflineObject(ObjectIdentity identity, ULONG capabilities, Microsoft::WRL::ComPtr<OfflineObject> parent,
                  IUnknown* outer);

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;

    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override;
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override;
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override;
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return placeholder(); }

    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Placeholder9() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { return placeholder(); }

    /// Takes a reference unless the last one is gone already: the registry points to objects without holding them.
    bool add_reference_if_alive() noexcept;

    bool is_global() const noexcept { return !parent_; }

    /// For the host kit.
    ConnectionState& state() noexcept { return state_; }

private:
    ~OfflineObject() = default;   // by Release
    static HRESULT placeholder(); // IFACE-4

    std::atomic<ULONG> references_{1};
    const ObjectIdentity identity_;
    const Held<OfflineObject> parent_;
    ConnectionState state_;
    std::optional<AggregatedFace> face_; // while it is aggregated
};

} // namespace offline_state
