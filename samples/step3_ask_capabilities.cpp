// Shows step 3: what the object can notify, and what its state is now.
//
// Expect an object that can do both, and one whose mail server lets it notify only that the
// connection is back.
#include "client/step3_ask_capabilities.h"

#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "outlook_stand_in.h"

#include <cstdio>

using namespace offline_state_samples;

namespace {

// [run]
bool describe(LPCWSTR profile_name) {
    ComPtr<IMAPIOfflineMgr> object;
    HRESULT result = open_offline_object(HrOpenOfflineObj, profile_name, object);
    if (FAILED(result)) {
        std::fprintf(stderr, "HrOpenOfflineObj failed: 0x%08x\n",
                     static_cast<unsigned>(result));
        return false;
    }
    Capabilities capabilities{};
    result = ask_capabilities(object.Get(), capabilities);
    if (FAILED(result)) {
        std::fprintf(stderr, "GetCapabilities failed: 0x%08x\n", static_cast<unsigned>(result));
        return false;
    }
    ULONG state = 0;
    result = current_state(object.Get(), state);
    if (FAILED(result)) {
        std::fprintf(stderr, "GetCurrentState failed: 0x%08x\n", static_cast<unsigned>(result));
        return false;
    }
    std::printf("offline notifications: %s, online notifications: %s, state: %s\n",
                capabilities.offline ? "yes" : "no", capabilities.online ? "yes" : "no",
                state_name(state));
    return true;
}
// [/run]

} // namespace

int main() {
    const OutlookStandIn outlook(sample_profile); // not needed in Outlook
    const OutlookStandIn other(L"Online only", MAPIOFFLINE_CAPABILITY_ONLINE);
    return describe(sample_profile) && describe(L"Online only") ? 0 : 1;
}
