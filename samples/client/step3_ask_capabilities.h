// SPDX-License-Identifier: MIT
// Step 3: ask which notifications the object can give.
//
// Copy this folder together with mapioffline.h. Page: "Step 3: Ask for its capabilities".
#pragma once

#include <mapioffline.h>

namespace offline_state_samples {

// [step3]
struct Capabilities {
    bool offline; ///< it can notify going offline
    bool online;  ///< it can notify coming online
};

/// One may be there without the other: it depends on the mail server. Bits that are not part of
/// this API are ignored.
inline HRESULT ask_capabilities(IMAPIOffline* object, Capabilities& capabilities) {
    ULONG bits = 0;
    const HRESULT result = object->GetCapabilities(&bits);
    if (SUCCEEDED(result)) {
        capabilities.offline = (bits & MAPIOFFLINE_CAPABILITY_OFFLINE) != 0;
        capabilities.online = (bits & MAPIOFFLINE_CAPABILITY_ONLINE) != 0;
    }
    return result;
}

/// The state now: MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE. Other bits may be set,
/// so they are masked out.
inline HRESULT current_state(IMAPIOffline* object, ULONG& state) {
    ULONG bits = 0;
    const HRESULT result = object->GetCurrentState(&bits);
    if (SUCCEEDED(result)) {
        state = bits & MAPIOFFLINE_STATE_OFFLINE_MASK;
    }
    return result;
}
// [/step3]

} // namespace offline_state_samples
