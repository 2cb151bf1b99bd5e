// The second face of an object that is aggregated into another one (CREATE-4.1).
#pragma once

#include "client_calls.h"

#include <mapioffline.h>

namespace offline_state {

/// What the outer object hands to its clients: to them it is a part of the outer object, so IUnknown's three methods
/// are the outer object's. All others are the inner object's.
///
/// It holds neither of the two. The outer object holds the inner one, whose member this is, and lives while anyone has
/// this face, since AddRef here counts there. A reference on the outer object would keep both alive for ever.
class AggregatedFace final : public IMAPIOfflineMgr {
public:
    AggregatedFace(IMAPIOfflineMgr& inner, IUnknown& outer) : inner_(inner), outer_(outer) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        HRESULT result = E_NOINTERFACE;
        const auto ask = [&] { result = outer_.QueryInterface(riid, ppvObject); };
        if (!call_client("IUnknown::QueryInterface", ask) && ppvObject != nullptr) {
            *ppvObject = nullptr;
        }
        return result;
    }
    ULONG STDMETHODCALLTYPE AddRef() override {
        ULONG count = 0;
        call_client("IUnknown::AddRef", [&] { count = outer_.AddRef(); });
        return count;
    }
    ULONG STDMETHODCALLTYPE Release() override {
        ULONG count = 0;
        call_client("IUnknown::Release", [&] { count = outer_.Release(); });
        return count;
    }

    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override {
        return inner_.SetCurrentState(ulFlags, ulMask, ulState, pReserved);
    }
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override {
        return inner_.GetCapabilities(pulCapabilities);
    }
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override { return inner_.GetCurrentState(pulState); }
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return inner_.Placeholder6(); }

    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override {
        return inner_.Advise(ulFlags, pAdviseInfo, pulAdviseToken);
    }
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override {
        return inner_.Unadvise(ulFlags, ulAdviseToken);
    }
    HRESULT STDMETHODCALLTYPE Placeholder9() override { return inner_.Placeholder9(); }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { return inner_.Placeholder10(); }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { return inner_.Placeholder11(); }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { return inner_.Placeholder12(); }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { return inner_.Placeholder13(); }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { return inner_.Placeholder14(); }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { return inner_.Placeholder15(); }

private:
    IMAPIOfflineMgr& inner_;
    IUnknown& outer_;
};

} // namespace offline_state
