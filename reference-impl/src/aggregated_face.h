// The second face of an object that is aggregated into another one (CREATE-4.1).
#pragma once

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
        return outer_.QueryInterface(riid, ppvObject);
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return outer_.AddRef(); }
    ULONG STDMETHODCALLTYPE Release() override { return outer_.Release(); }

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
