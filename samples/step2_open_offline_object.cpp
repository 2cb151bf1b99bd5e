// Shows step 2: opening the offline object of a profile, and what happens when there is none.
//
// Expect the object for the profile, MAPI_E_NOT_FOUND for a name that no profile has.
#include "client/step2_open_offline_object.h"

#include "outlook_stand_in.h"

#include <cstdio>

using namespace offline_state_samples;

int main() {
    const OutlookStandIn outlook(sample_profile); // not needed in Outlook
    // [run]
    ComPtr<IMAPIOfflineMgr> object;
    HRESULT result = open_offline_object(HrOpenOfflineObj, sample_profile, object);
    if (FAILED(result)) {
        std::fprintf(stderr, "HrOpenOfflineObj failed: 0x%08x\n",
                     static_cast<unsigned>(result));
        return 1;
    }
    std::puts("opened the offline object of the profile \"Outlook\"");

    ComPtr<IMAPIOfflineMgr> none;
    result = open_offline_object(HrOpenOfflineObj, L"Nobody", none);
    std::printf("the profile \"Nobody\": %s\n",
                result == MAPI_E_NOT_FOUND ? "MAPI_E_NOT_FOUND" : "an undocumented result");
    // [/run]
    return 0;
}
