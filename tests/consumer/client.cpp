// All that samples/client has, in a program that is linked to nothing of this project. Inside Outlook it would find the
// function; here it says that there is none.
#include "step1_implement_notify.h"
#include "step2_open_offline_object.h"
#include "step3_ask_capabilities.h"
#include "step4_advise.h"
#include "step5_unadvise.h"
#ifdef _WIN32
#include "load_outlook_mapi.h"
#endif

using namespace offline_state_samples;

namespace {

int run_client(HROPENOFFLINEOBJ* open) {
    ComPtr<IMAPIOfflineMgr> object;
    Capabilities capabilities{};
    ULONG state = 0;
    ULONG token = 0;
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([](const StateChange&) {});
    if (FAILED(open_offline_object(open, L"Outlook", object)) || FAILED(ask_capabilities(object.Get(), capabilities)) ||
        FAILED(current_state(object.Get(), state)) || FAILED(advise(object.Get(), callback.Get(), 0, token))) {
        return 1;
    }
    const Registration registration(object, callback, token);
    return 0;
}

HRESULT STDMETHODCALLTYPE there_is_none(ULONG, LPCWSTR, const GUID*, const GUID*, IMAPIOfflineMgr**) {
    return MAPI_E_NOT_FOUND;
}

} // namespace

int main() {
    const auto phases = std::make_shared<int>(0);
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([phases](const StateChange&) { ++*phases; });
    MAPIOFFLINE_NOTIFY notification{};
    notification.NotifyType = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    notification.Info.StateChange.ulMask = MAPIOFFLINE_STATE_OFFLINE_MASK;
    callback->Notify(&notification);
    ComPtr<IUnknown> unknown;
    const GUID global{0xFBEFFD93, 0xB11F, 0x4094, {0x84, 0x2B, 0x96, 0xDC, 0xD3, 0x1E, 0x63, 0xD1}};
    bool holds = *phases == 1 && callback.As(&unknown) == S_OK && GUID_GlobalState == global;
    holds = holds && IID_IMAPIOffline == __uuidof(IMAPIOffline) && IID_IMAPIOfflineMgr == __uuidof(IMAPIOfflineMgr);
    holds = holds && IID_IMAPIOfflineNotify == __uuidof(IMAPIOfflineNotify) && IID_IUnknown == __uuidof(IUnknown);
    holds = holds && run_client(&there_is_none) == 1;
#ifdef _WIN32
    const OutlookMapi mapi = load_outlook_mapi();
    holds = holds && mapi.open_offline_object == nullptr && !mapi.problem.empty();
#endif
    return holds ? 0 : 1;
}
