// The host's side without the host kit: HrCreateOfflineObj, which every library of this API
// has.
//
// Expect a client to find the object while the host holds it, and no longer. Page: "Create the
// offline object".

#include <mapioffline.h>

#include <wrl/client.h>

#include <cstdio>

using Microsoft::WRL::ComPtr;

// [create]
/// Creates a profile's global object, through a pointer so that it works with any library.
HRESULT create_global_object(HRCREATEOFFLINEOBJ* create, LPCWSTR profile_name,
                             ComPtr<IMAPIOfflineMgr>& object) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.ulCreateFlags = 0;
    info.pwszProfileName = profile_name;
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    info.pInstance = nullptr; // a global object has none of these
    info.pParent = nullptr;
    info.pMAPISupport = nullptr;
    info.pAggregateInfo = nullptr;
    info.pConnectInfo = nullptr; // null for every object
    return create(0, &info, object.ReleaseAndGetAddressOf());
}
// [/create]

// [use]
/// True when a client finds an object for the profile that answers for IMAPIOffline.
bool client_finds(LPCWSTR profile_name) {
    ComPtr<IMAPIOfflineMgr> found;
    ComPtr<IMAPIOffline> state;
    return HrOpenOfflineObj(0, profile_name, &GUID_GlobalState, nullptr,
                            found.GetAddressOf()) == S_OK &&
           found->QueryInterface(IID_IMAPIOffline,
                                 reinterpret_cast<void**>(state.GetAddressOf())) == S_OK;
}

int main() {
    ComPtr<IMAPIOfflineMgr> object;
    const HRESULT result = create_global_object(HrCreateOfflineObj, L"Outlook", object);
    std::printf("creating: 0x%08X\n", static_cast<unsigned>(result));
    std::printf("a client finds it: %s\n", client_finds(L"Outlook") ? "yes" : "no");

    object.Reset(); // the host's reference was the last one
    std::printf("and after the host: %s\n", client_finds(L"Outlook") ? "yes" : "no");
}
// [/use]
