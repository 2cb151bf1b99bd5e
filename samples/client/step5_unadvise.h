// SPDX-License-Identifier: MIT
// Step 5: end the registration, on every way out.
//
// Copy this folder together with mapioffline.h. Page: "Step 5: Unadvise".
#pragma once

#include "step1_implement_notify.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <utility>

namespace offline_state_samples {

using Microsoft::WRL::ComPtr;

// [step5]
/// Owns a registration and calls Unadvise once: in end(), or else in the destructor, however
/// the code is left. On shutdown, end it before you release the offline object, and hold no
/// lock that Notify needs.
class Registration {
public:
    Registration() = default;

    Registration(ComPtr<IMAPIOfflineMgr> object, ComPtr<OfflineNotify> callback,
                 ULONG advise_token)
        : object_(std::move(object)), callback_(std::move(callback)),
          advise_token_(advise_token) {}

    Registration(Registration&& other) noexcept { swap(other); }
    Registration& operator=(Registration&& other) noexcept {
        Registration taken(std::move(other));
        swap(taken);
        return *this; // what this one owned ends here, with `taken`
    }
    ~Registration() { end(); }

    /// After this a Notify does nothing; the callback sees to that. Whether Outlook still sends
    /// one, and when it releases the callback, is not documented. Not inside Notify.
    void end() {
        if (object_) {
            callback_->end();
            // Its only documented result is S_OK. There is nothing left to do if it returns
            // another one.
            object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, advise_token_);
            object_.Reset();
            callback_.Reset();
        }
    }

private:
    void swap(Registration& other) noexcept {
        object_.Swap(other.object_);
        callback_.Swap(other.callback_);
        std::swap(advise_token_, other.advise_token_);
    }

    ComPtr<IMAPIOfflineMgr> object_; // keeps the object alive until Unadvise
    ComPtr<OfflineNotify> callback_;
    ULONG advise_token_ = 0;
};
// [/step5]

} // namespace offline_state_samples
