// Step 1 with nothing but mapioffline.h: compiles, links and runs without any library of ours.
#define INITGUID
#include "step1_implement_notify.h"

#include "step3_ask_capabilities.h"
#include "step4_advise.h"
#include "step5_unadvise.h"

using namespace offline_state_samples;

int main() {
    int phases = 0;
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([&phases](const StateChange&) { ++phases; });
    MAPIOFFLINE_NOTIFY notification{};
    notification.NotifyType = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    notification.Info.StateChange.ulMask = MAPIOFFLINE_STATE_OFFLINE_MASK;
    callback->Notify(&notification);
    ComPtr<IUnknown> unknown;
    return phases == 1 && callback.As(&unknown) == S_OK && GUID_GlobalState.Data1 == 0xFBEFFD93 ? 0 : 1;
}
