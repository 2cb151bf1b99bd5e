// All five steps of a client, with the files that it copies. Expect one line for each change.
// README and the tutorial's first page quote it.
#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step3_ask_capabilities.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"
#include "outlook_stand_in.h"

#include <cstdio>

using namespace offline_state_samples;

int main() {
    OutlookStandIn outlook(sample_profile); // not needed in Outlook
    // [five-steps]
    const auto callback = OfflineNotify::create([](const StateChange& change) { // 1
        if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            std::printf("now %s\n", state_name(change.state_new));
        }
    });
    ComPtr<IMAPIOfflineMgr> object; // 2: in Outlook, load_outlook_mapi() finds the function
    if (FAILED(open_offline_object(HrOpenOfflineObj, L"Outlook", object))) {
        return 1;
    }
    Capabilities can_notify{}; // 3
    if (FAILED(ask_capabilities(object.Get(), can_notify)) || !can_notify.offline) {
        return 1;
    }
    ULONG token = 0; // 4
    if (FAILED(advise(object.Get(), callback.Get(), 0, token))) {
        return 1;
    }
    const Registration registration(object, callback, token); // 5: unadvises when it goes
    // [/five-steps]
    outlook.work_offline(true); // what a user does in Outlook
    outlook.work_offline(false);
    return 0;
}
