// The trace of the five steps and one change, one JSON object a line: what the guide's sequence
// diagram is drawn from.
//
// Expect each call of the client and of the host, and each notification before the client gets
// it, without IUnknown's methods. Page: "Threads, order and lifetime".
#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step3_ask_capabilities.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"

#include <mapioffline_host.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

using namespace offline_state_samples;

namespace {

/// Nothing in these traces needs to be escaped for JSON but the quotes of a profile's name.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

void print(const offline_state::TraceEvent& event) {
    using Kind = offline_state::TraceEvent::Kind;
    if (std::strncmp(event.function, "IUnknown::", 10) == 0) {
        return;
    }
    std::printf(
        R"({"kind": "%s", "function": "%s", "arguments": "%s", "result": "0x%08X", "reason": "%s"})"
        "\n",
        event.kind == Kind::call           ? "call"
        : event.kind == Kind::notification ? "notification"
                                           : "exception",
        event.function, escaped(event.arguments).c_str(), static_cast<unsigned>(event.result),
        escaped(event.reason).c_str());
}

int one_change() {
    // What happens next is decided here, so the trace is always the same.
    offline_state::ManualDispatcher dispatcher;
    offline_state::set_trace_sink(print);
    offline_state::Host outlook(L"Outlook");

    ComPtr<IMAPIOfflineMgr> object;
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([](const StateChange&) {});
    Capabilities capabilities{};
    ULONG advise_token = 0;
    if (FAILED(open_offline_object(HrOpenOfflineObj, L"Outlook", object)) ||
        FAILED(ask_capabilities(object.Get(), capabilities)) ||
        FAILED(advise(object.Get(), callback.Get(), 7, advise_token))) {
        return 1;
    }
    Registration registration(object, callback, advise_token);
    if (FAILED(outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT)) ||
        outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT) !=
            E_PENDING) { // a change is under way
        return 1;
    }
    dispatcher.deliver_all();
    registration.end();
    return 0;
}

} // namespace

int main() {
    try {
        const int result = one_change();
        offline_state::set_trace_sink({});
        return result;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
