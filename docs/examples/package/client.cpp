// A client that is checked with the worst permitted Outlook. Of Outlook's part it plays what it
// needs: the object, and a click on "Work Offline". Page: "Check your client".
#include <mapioffline.h>

#include <wrl/client.h>

#include <cstdio>

using Microsoft::WRL::ComPtr;

namespace {

ComPtr<IMAPIOfflineMgr> play_outlook() {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = L"Outlook";
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    ComPtr<IMAPIOfflineMgr> outlook;
    HrCreateOfflineObj(0, &info, outlook.GetAddressOf());
    return outlook;
}

} // namespace

int main() {
    const ComPtr<IMAPIOfflineMgr> outlook = play_outlook();
    if (!outlook) {
        return 1;
    }
    // [client]
    ComPtr<IMAPIOfflineMgr> object;
    if (FAILED(HrOpenOfflineObj(0, L"Outlook", &GUID_GlobalState, nullptr,
                                object.GetAddressOf()))) {
        std::puts("there is no offline object yet: this client would try again later");
        return 0;
    }
    ULONG state = 0;
    if (FAILED(object->GetCurrentState(&state))) {
        return 1;
    }
    state &= MAPIOFFLINE_STATE_OFFLINE_MASK;
    // [/client]
    return state == MAPIOFFLINE_STATE_ONLINE || state == MAPIOFFLINE_STATE_OFFLINE ? 0 : 1;
}
