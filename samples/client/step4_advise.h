// SPDX-License-Identifier: MIT
// Step 4: register for notifications.
//
// Copy this folder together with mapioffline.h. Page: "Step 4: Advise".
#pragma once

#include <mapioffline.h>

namespace offline_state_samples {

// [step4]
/// Registers the callback. client_token is your own value, which comes back in each
/// notification; advise_token names the registration when you end it (step 5).
inline HRESULT advise(IMAPIOfflineMgr* object, IMAPIOfflineNotify* callback, ULONG client_token,
                      ULONG& advise_token) {
    MAPIOFFLINE_ADVISEINFO info{}; // read during the call only
    info.ulSize = sizeof info;
    info.ulClientToken = client_token;
    info.CallbackType = MAPIOFFLINE_CALLBACK_TYPE_NOTIFY;
    info.pCallback = callback; // the object takes a reference of its own
    info.ulAdviseTypes = MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
    info.ulStateMask = MAPIOFFLINE_STATE_ALL;
    return object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &advise_token);
}
// [/step4]

} // namespace offline_state_samples
