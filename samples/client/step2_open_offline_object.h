// SPDX-License-Identifier: MIT
// Step 2: open the offline object of a profile.
//
// Copy this folder together with mapioffline.h. Page: "Step 2: Open the offline object".
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

namespace offline_state_samples {

using Microsoft::WRL::ComPtr;

// [step2]
/// Gives the profile's offline object. The ComPtr releases it.
/// MAPI_E_NOT_FOUND is the one documented failure: no such profile, or not inside Outlook's
/// process.
/// @param open Inside Outlook what load_outlook_mapi.h has found: there is no import library to
/// link. In a test HrOpenOfflineObj itself.
inline HRESULT open_offline_object(HROPENOFFLINEOBJ* open, LPCWSTR profile_name,
                                   ComPtr<IMAPIOfflineMgr>& object) {
    return open(0, profile_name, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf());
}
// [/step2]

} // namespace offline_state_samples
