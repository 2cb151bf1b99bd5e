// The COM objects: their identity, their reference count, and the checks of arguments. ConnectionState does the rest.
#pragma once

#include "connection_state.h"
#include "object_registry.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <optional>

namespace offline_state {

/// The methods of IMAPIOffline and IMAPIOfflineMgr. Those of IUnknown differ between the two classes below.
class OfflineMethods : public IMAPIOfflineMgr {
public:
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

protected:
    explicit OfflineMethods(ConnectionState& state) noexcept : state_(state) {}
    ~OfflineMethods() = default;

    ConnectionState& state_;

private:
    static HRESULT placeholder() { return traced("placeholder", {E_NOTIMPL, "a placeholder"}); } // IFACE-4
};

/// The second face of an object that is aggregated into another one (CREATE-4.1). The outer object hands it to its
/// clients, who see a part of the outer object: IUnknown's methods are the outer object's.
///
/// It holds no reference on either object. The outer object holds the inner one, and lives while anyone holds this
/// face, whose AddRef counts there. A reference on the outer object would keep both alive for ever.
class AggregatedFace final : public OfflineMethods {
public:
    AggregatedFace(ConnectionState& state, IUnknown& outer) noexcept : OfflineMethods(state), outer_(outer) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const auto ask = [&] { return outer_.QueryInterface(riid, ppvObject); };
        const HRESULT result = call_client("IUnknown::QueryInterface", E_NOINTERFACE, ask);
        if (FAILED(result) && ppvObject != nullptr) {
            *ppvObject = nullptr;
        }
        return result;
    }
    ULONG STDMETHODCALLTYPE AddRef() override {
        return call_client("IUnknown::AddRef", ULONG{0}, [this] { return outer_.AddRef(); });
    }
    ULONG STDMETHODCALLTYPE Release() override {
        return call_client("IUnknown::Release", ULONG{0}, [this] { return outer_.Release(); });
    }

private:
    IUnknown& outer_;
};

class OfflineObject final : public OfflineMethods {
public:
    /// Starts with one reference, the caller's.
    /// @param parent Null for a global object; else kept alive (CREATE-11).
    /// @param outer The object into which this one is aggregated, or null. Not kept alive: it holds this one.
    OfflineObject(ObjectIdentity identity, ULONG capabilities, Microsoft::WRL::ComPtr<OfflineObject> parent,
                  IUnknown* outer);

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;

    /// Adds a reference unless the last one is already gone: the registry points to objects without holding them.
    bool add_reference_if_alive() noexcept;

    bool is_global() const noexcept { return !parent_; }

    /// For the host kit.
    ConnectionState& state() noexcept { return own_state_; }

private:
    ~OfflineObject() = default; // Release deletes it

    std::atomic<ULONG> references_{1};
    const ObjectIdentity identity_;
    const Held<OfflineObject> parent_;
    ConnectionState own_state_;
    std::optional<AggregatedFace> face_; // if it is aggregated
};

} // namespace offline_state
