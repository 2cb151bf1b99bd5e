// Shows step 4: registering the callback of step 1, and the notifications that come.
//
// Expect the three phases of going offline and of coming back. The program ends the
// registration itself; step 5 shows how not to forget it.
#include "client/step4_advise.h"

#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "outlook_stand_in.h"

#include <cstdio>

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
        std::printf("client %u: %-11s  %s -> %s\n", static_cast<unsigned>(change.client_token),
                    phase_name(change.phase), state_name(change.state_old),
                    state_name(change.state_new));
    });
    const ULONG client_token = 7;
    ULONG advise_token = 0;
    result = advise(object.Get(), callback.Get(), client_token, advise_token);
    if (FAILED(result)) { // E_INVALIDARG or E_NOINTERFACE as documented; nothing is registered
        std::fprintf(stderr, "Advise failed: 0x%08x\n", static_cast<unsigned>(result));
        return 1;
    }
    std::puts("registered");

    // What a user does in Outlook, twice.
    outlook.work_offline(true);
    outlook.work_offline(false);

    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, advise_token);
    // [/run]
    std::puts("registration taken back");
    return 0;
}
