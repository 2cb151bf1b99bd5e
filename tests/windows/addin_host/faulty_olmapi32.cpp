// An olmapi32.dll whose object sets other bits in its state and refuses to register anybody. With DECORATED, one that
// exports HrOpenOfflineObj@20 only; with NO_EXPORT, one that is of another make altogether. With LATE, one that
// registers, keeps the callback after Unadvise, and notifies on the thread that calls notify_late. With HANGS or
// CRASHES, one whose SetCurrentState does that; the second one says that it registers.
#define INITGUID
#include <mapioffline.h>

#include "support/counted.h"

#include <windows.h>

namespace {

#ifdef LATE
IMAPIOfflineNotify* callback = nullptr;
#endif

class FaultyObject final : public offline_state_tests::WithoutPlaceholders<E_NOTIMPL> {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void** ppvObject) override {
        *ppvObject = nullptr;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG, ULONG, ULONG, void*) override {
#ifdef HANGS
        Sleep(INFINITE);
#elif defined(CRASHES)
        RaiseException(EXCEPTION_ACCESS_VIOLATION, 0, 0, nullptr);
#endif
        return E_PENDING;
    }
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* capabilities) override {
        *capabilities = MAPIOFFLINE_CAPABILITY_ONLINE | 0x100;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* state) override {
        *state = MAPIOFFLINE_STATE_OFFLINE | 0x00030300;
        return S_OK;
    }
#ifdef LATE
    HRESULT STDMETHODCALLTYPE Advise(ULONG, MAPIOFFLINE_ADVISEINFO* info, ULONG* token) override {
        *token = 0; // a token like any other
        return info->pCallback->QueryInterface(IID_IMAPIOfflineNotify, reinterpret_cast<void**>(&callback));
    }
#elif defined(CRASHES)
    HRESULT STDMETHODCALLTYPE Advise(ULONG, MAPIOFFLINE_ADVISEINFO*, ULONG* token) override {
        *token = 1;
        return S_OK;
    }
#else
    HRESULT STDMETHODCALLTYPE Advise(ULONG, MAPIOFFLINE_ADVISEINFO*, ULONG*) override { return E_OUTOFMEMORY; }
#endif
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG, ULONG) override { return S_OK; }
};

FaultyObject object;

} // namespace

#ifdef LATE
extern "C" __declspec(dllexport) void notify_late(ULONG state) {
    MAPIOFFLINE_NOTIFY notification{};
    notification.ulSize = sizeof notification;
    notification.NotifyType = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    notification.Info.StateChange.ulMask = MAPIOFFLINE_STATE_OFFLINE_MASK;
    notification.Info.StateChange.ulStateOld = state ^ MAPIOFFLINE_STATE_OFFLINE_MASK;
    notification.Info.StateChange.ulStateNew = state;
    callback->Notify(&notification);
}

/// Returns how many references are left.
extern "C" __declspec(dllexport) ULONG release_late() {
    return callback->Release();
}
#endif

#ifdef NO_EXPORT
extern "C" __declspec(dllexport) int something_else() {
    return 0;
}
#else
extern "C" __declspec(dllexport) HRESULT STDMETHODCALLTYPE HrOpenOfflineObj(ULONG, LPCWSTR, const GUID*, const GUID*,
                                                                            IMAPIOfflineMgr** ppOfflineObj)
#ifdef DECORATED
    asm("HrOpenOfflineObj@20")
#endif
        ;

HRESULT HrOpenOfflineObj(ULONG, LPCWSTR, const GUID*, const GUID*, IMAPIOfflineMgr** ppOfflineObj) {
    *ppOfflineObj = &object;
    return S_OK;
}
#endif
