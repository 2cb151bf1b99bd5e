// Step 2: open the offline object of a profile.
//
// Copy this file together with mapioffline.h. Page: "Step 2: Open the offline object".
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

namespace offline_state_samples {

using Microsoft::WRL::ComPtr;

// [step2]
/// Gives the profile's offline object, which is released when the last ComPtr to it goes.
/// MAPI_E_NOT_FOUND is the one documented failure: no such profile, or not inside Outlook's
/// process.
/// `open` is HrOpenOfflineObj itself, or where you have found it (load_outlook_mapi.h).
inline HRESULT open_offline_object(LPCWSTR profile_name, ComPtr<IMAPIOfflineMgr>& object,
                                   HROPENOFFLINEOBJ* open = HrOpenOfflineObj) {
    return open(0, profile_name, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf());
}
// [/step2]

} // namespace offline_state_samples
