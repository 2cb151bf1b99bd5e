// Lets the samples run without Outlook: they ask this stand-in for what a user would do in
// Outlook.
//
// Inside Outlook's process there is nothing like it: leave it out together with each line that
// uses it.
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace offline_state_samples {

/// Outlook with one profile of this name. It works with any library that has the API.
class OutlookStandIn {
public:
    explicit OutlookStandIn(LPCWSTR profile_name,
                            ULONG capabilities = MAPIOFFLINE_CAPABILITY_OFFLINE |
                                                 MAPIOFFLINE_CAPABILITY_ONLINE) {
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.pwszProfileName = profile_name;
        info.ulCapabilities = capabilities;
        info.pGUID = &GUID_GlobalState;
        if (FAILED(HrCreateOfflineObj(0, &info, object_.GetAddressOf()))) {
            std::fputs("There is no Outlook to be played: HrCreateOfflineObj failed.\n",
                       stderr);
            std::exit(2);
        }
        work_offline(false);
    }

    /// A click on "Work Offline". Returns when the change is complete.
    void work_offline(bool offline) {
        const ULONG state = offline ? MAPIOFFLINE_STATE_OFFLINE : MAPIOFFLINE_STATE_ONLINE;
        while (object_->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                        state, nullptr) == E_PENDING) {
            std::this_thread::yield();
        }
    }

private:
    Microsoft::WRL::ComPtr<IMAPIOfflineMgr> object_;
};

constexpr LPCWSTR sample_profile = L"Outlook";

} // namespace offline_state_samples
