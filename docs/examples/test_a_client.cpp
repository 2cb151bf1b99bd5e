// Tests a client without Outlook: step by step with the manual dispatcher, and with the trace.
//
// Expect what the client sees after each phase, that it ignores what is not part of the API,
// and the reason of a failed call. Page: "Test a client without Outlook".
#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"

#include <mapioffline_host.h>

#include <cstdio>
#include <exception>

using namespace offline_state_samples;

namespace {

// [phases]
int one_phase_at_a_time() {
    // Before the host: its object then delivers on demand.
    offline_state::ManualDispatcher dispatcher;
    offline_state::Host outlook(L"Outlook");

    ComPtr<IMAPIOfflineMgr> object;
    if (FAILED(open_offline_object(HrOpenOfflineObj, L"Outlook", object))) {
        return 1;
    }
    const char* heard = "nothing";
    const ComPtr<OfflineNotify> callback = OfflineNotify::create(
        [&heard](const StateChange& change) { heard = phase_name(change.phase); });
    ULONG advise_token = 0;
    if (FAILED(advise(object.Get(), callback.Get(), 1, advise_token))) {
        return 1;
    }
    const Registration registration(object, callback, advise_token);

    // DEFAULT: BLOCK would wait for a delivery that only this thread can make.
    if (FAILED(outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT))) {
        return 1;
    }
    do {
        ULONG state = 0;
        if (FAILED(object->GetCurrentState(&state))) {
            return 1;
        }
        std::printf("heard %-11s  the state is %s\n", heard, state_name(state));
    } while (dispatcher.deliver_phase());
    return 0;
}
// [/phases]

// [others]
int what_a_client_ignores() {
    offline_state::Host outlook(L"Outlook");
    int heard = 0;
    const ComPtr<OfflineNotify> callback =
        OfflineNotify::create([&heard](const StateChange&) { ++heard; });
    ULONG advise_token = 0;
    if (FAILED(advise(outlook.object(), callback.Get(), 1, advise_token))) {
        return 1;
    }
    const Registration registration(outlook.object(), callback, advise_token);

    const auto unknown_type = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(4);
    if (FAILED(outlook.send_other_notification(unknown_type, MAPIOFFLINE_STATE_OFFLINE_MASK)) ||
        FAILED(
            outlook.send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0x00010000))) {
        return 1;
    }
    outlook.drain(); // both have been delivered
    std::printf("of two other notifications the client has taken %d\n", heard);
    return heard == 0 ? 0 : 1;
}
// [/others]

// [trace]
int why_a_call_failed() {
    offline_state::set_trace_sink([](const offline_state::TraceEvent& event) {
        if (FAILED(event.result)) {
            std::printf("%s: %s\n", event.function, event.reason.c_str());
        }
    });
    ComPtr<IMAPIOfflineMgr> object;
    const HRESULT result = open_offline_object(HrOpenOfflineObj, L"Nobody", object);
    offline_state::set_trace_sink({});
    return result == MAPI_E_NOT_FOUND ? 0 : 1;
}
// [/trace]

} // namespace

int main() {
    try {
        return one_phase_at_a_time() + what_a_client_ignores() + why_a_call_failed();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
