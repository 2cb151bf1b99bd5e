// A test that chooses what the worst permitted Outlook does. Page: "Check your client".
#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step4_advise.h"
#include "outlook_stand_in.h"

#include <mapioffline_worst.h>

#include <atomic>
#include <cstdio>
#include <memory>

using namespace offline_state_samples;

int main() {
    // [late]
    if (offline_state_worst_set("late-notify") != 0) {
        return 1;
    }
    OutlookStandIn outlook(sample_profile); // plays Outlook's part
    ComPtr<IMAPIOfflineMgr> object;
    if (FAILED(open_offline_object(HrOpenOfflineObj, sample_profile, object))) {
        return 1;
    }
    const auto is_registered = std::make_shared<std::atomic<bool>>(true);
    const ComPtr<OfflineNotify> callback =
        OfflineNotify::create([is_registered](const StateChange& change) {
            std::printf("%s, %s\n", phase_name(change.phase),
                        *is_registered ? "while it is registered" : "after Unadvise");
        });
    ULONG advise_token = 0;
    if (FAILED(advise(object.Get(), callback.Get(), 0, advise_token))) {
        return 1;
    }
    *is_registered = false; // no change is under way: nothing comes before Unadvise returns
    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, advise_token);
    offline_state_worst_settle();
    // [/late]
    return 0;
}
