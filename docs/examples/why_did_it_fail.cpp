// A client with three mistakes. Each call says no more than that it has failed; the trace says
// why.
//
// Expect three results that say little. Page: "Why did it fail?".
#include "client/step1_implement_notify.h"
#include "client/step4_advise.h"
#include "outlook_stand_in.h"

#include <cstdio>

using namespace offline_state_samples;

namespace {

void print(const char* call, HRESULT result) {
    std::printf("%s: 0x%08X\n", call, static_cast<unsigned>(result));
}

void client() {
    // [client]
    ComPtr<IMAPIOfflineMgr> object;
    print("open",
          HrOpenOfflineObj(0, L"Outlok", &GUID_GlobalState, nullptr, object.GetAddressOf()));

    if (FAILED(HrOpenOfflineObj(0, sample_profile, &GUID_GlobalState, nullptr,
                                object.GetAddressOf()))) {
        return;
    }
    const auto callback = OfflineNotify::create([](const StateChange&) {});
    MAPIOFFLINE_ADVISEINFO info{};
    info.CallbackType = MAPIOFFLINE_CALLBACK_TYPE_NOTIFY;
    info.pCallback = callback.Get();
    info.ulAdviseTypes = MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
    info.ulStateMask = MAPIOFFLINE_STATE_ALL;
    ULONG token = 0;
    print("advise", object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));

    print("set", object->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_ALL,
                                         MAPIOFFLINE_STATE_OFFLINE, nullptr));
    // [/client]
}

} // namespace

int main() {
    OutlookStandIn outlook(sample_profile);
    client();
    ComPtr<IMAPIOfflineMgr> object;
    const auto callback = OfflineNotify::create([](const StateChange&) {});
    ULONG token = 0;
    if (FAILED(HrOpenOfflineObj(0, sample_profile, &GUID_GlobalState, nullptr,
                                object.GetAddressOf())) ||
        FAILED(advise(object.Get(), callback.Get(), 7, token))) {
        return 1;
    }
    outlook.work_offline(true); // without a mistake
    return FAILED(object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token)) ? 1 : 0;
}
