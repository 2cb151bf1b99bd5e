// The COM object: identity, reference count, and the checks of the arguments. What it does is ConnectionState's.
#pragma once

#include "connection_state.h"
#include "dispatcher.h"

#include <mapioffline.h>

#include <atomic>
#include <memory>
#include <string>

namespace offline_state {

class OfflineObject final : public IMAPIOfflineMgr {
public:
    /// Begins with one reference, the caller's.
    OfflineObject(std::wstring profile_name, ULONG capabilities);

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

    /// For the host kit.
    ConnectionState& state() noexcept { return *state_; }
    Dispatcher& dispatcher() noexcept { return *dispatcher_; }

private:
    ~OfflineObject() = default;            // by Release
    static HRESULT placeholder() noexcept; // IFACE-4

    std::atomic<ULONG> references_{1};
    const std::wstring profile_name_;
    const std::shared_ptr<Dispatcher> dispatcher_;
    const std::shared_ptr<ConnectionState> state_;
};

} // namespace offline_state
