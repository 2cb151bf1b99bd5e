// Shows step 5: a registration that cannot be forgotten.
//
// Expect notifications while the registration lives and none after it, also when an exception
// leaves the block.
#include "client/step5_unadvise.h"

#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step4_advise.h"
#include "outlook_stand_in.h"

#include <cstdio>
#include <stdexcept>

using namespace offline_state_samples;

int main() {
    OutlookStandIn outlook(sample_profile); // not needed in Outlook
    // [run]
    ComPtr<IMAPIOfflineMgr> object;
    HRESULT result = open_offline_object(HrOpenOfflineObj, sample_profile, object);
    if (FAILED(result)) {
        std::fprintf(stderr, "HrOpenOfflineObj failed: 0x%08x\n",
                     static_cast<unsigned>(result));
        return 1;
    }
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([](const StateChange& change) {
        if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            std::printf("now %s\n", state_name(change.state_new));
        }
    });

    try {
        ULONG advise_token = 0;
        result = advise(object.Get(), callback.Get(), 0, advise_token);
        if (FAILED(result)) {
            std::fprintf(stderr, "Advise failed: 0x%08x\n", static_cast<unsigned>(result));
            return 1;
        }
        const Registration registration(object, callback, advise_token);
        outlook.work_offline(true); // what a user does in Outlook
        throw std::runtime_error("something else went wrong");
    } catch (const std::exception& problem) {
        std::printf("left by an exception: %s\n", problem.what());
    }

    outlook.work_offline(false); // nobody is notified any more
    // [/run]
    return 0;
}
