// What a client sees when something is wrong: each line is provoked, and the trace gives the
// reason.
//
// Expect a failed call and its reason, or what did not arrive. The last one hangs, and is named
// by the time limit; so the program ends itself. Page: "By symptom".
#include "client/step1_implement_notify.h"
#include "client/step4_advise.h"

#include <mapioffline_host.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <mutex>

using namespace offline_state_samples;
using offline_state::Host;
using offline_state::ManualDispatcher;

namespace {

ComPtr<IMAPIOfflineMgr> open(LPCWSTR profile_name) {
    ComPtr<IMAPIOfflineMgr> object;
    HrOpenOfflineObj(0, profile_name, &GUID_GlobalState, nullptr, object.GetAddressOf());
    return object;
}

ComPtr<OfflineNotify> counter(int& notifications) {
    return OfflineNotify::create([&notifications](const StateChange&) { ++notifications; });
}

void go_offline(IMAPIOffline* object, ULONG flags) {
    object->SetCurrentState(flags, MAPIOFFLINE_STATE_OFFLINE_MASK, MAPIOFFLINE_STATE_OFFLINE,
                            nullptr);
}

void not_found() {
    // [not-found]
    open(L"Outlook"); // nobody has created an object in this process
    const Host outlook(L"Outlook");
    open(L"Outlook 2"); // the name of no profile
    open(L"");          // no name: the session has not been asked, or too early
    // [/not-found]
}

void refused() {
    const Host outlook(L"Outlook");
    ULONG token = 0;
    int notifications = 0;
    const ComPtr<OfflineNotify> callback = counter(notifications);
    // [invalid]
    MAPIOFFLINE_ADVISEINFO info{};
    info.CallbackType = MAPIOFFLINE_CALLBACK_TYPE_NOTIFY;
    info.pCallback = callback.Get();
    info.ulAdviseTypes = MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
    outlook.object()->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token); // without ulSize
    info.ulSize = sizeof info;
    info.ulStateMask = MAPIOFFLINE_STATE_OFFLINE_MASK; // MAPIOFFLINE_STATE_ALL is right
    outlook.object()->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token);
    // [/invalid]

    // [no-interface]
    info.ulStateMask = MAPIOFFLINE_STATE_ALL;
    info.pCallback = outlook.object(); // any object that is no IMAPIOfflineNotify
    outlook.object()->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token);
    // [/no-interface]
}

void pending() {
    ManualDispatcher dispatcher;
    Host outlook(L"Outlook");
    // [pending]
    go_offline(outlook.object(), MAPIOFFLINE_FLAG_DEFAULT); // it is under way
    go_offline(outlook.object(), MAPIOFFLINE_FLAG_DEFAULT);
    // [/pending]
    dispatcher.deliver_all();
    // [block-in-notify]
    const ComPtr<OfflineNotify> callback =
        OfflineNotify::create([&](const StateChange& change) {
            if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
                go_offline(outlook.object(), MAPIOFFLINE_FLAG_BLOCK);
            }
        });
    // [/block-in-notify]
    ULONG token = 0;
    advise(outlook.object(), callback.Get(), 0, token);
    outlook.work_offline(false, MAPIOFFLINE_FLAG_DEFAULT);
    dispatcher.deliver_all();
    outlook.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
}

void nothing_arrives() {
    ManualDispatcher dispatcher;
    int notifications = 0;
    ULONG token = 0;
    {
        // [no-capability]
        Host outlook(L"Outlook", MAPIOFFLINE_CAPABILITY_ONLINE);
        advise(outlook.object(), counter(notifications).Get(), 0, token);
        outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT); // which it cannot notify
        // [/no-capability]
        dispatcher.deliver_all();
        std::printf("without the capability: %d notifications\n", notifications);
    }
    // [no-change]
    Host outlook(L"Outlook");
    advise(outlook.object(), counter(notifications).Get(), 0, token);
    outlook.work_offline(false, MAPIOFFLINE_FLAG_DEFAULT); // it is online already
    // [/no-change]
    dispatcher.deliver_all();
    std::printf("without a change: %d notifications\n", notifications);

    outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT);
    std::printf("before the dispatcher is called: %d notifications\n", notifications);
    // [deliver]
    dispatcher.deliver_all();
    // [/deliver]
    std::printf("after that: %d notifications\n", notifications);
}

/// Does not return: Unadvise waits for a Notify that waits for the lock.
void hang() {
    const auto mutex = std::make_shared<std::mutex>();
    const auto is_called = std::make_shared<std::promise<void>>();
    Host outlook(L"Outlook");
    const ComPtr<OfflineNotify> callback =
        OfflineNotify::create([mutex, is_called](const StateChange&) {
            is_called->set_value();
            const std::lock_guard<std::mutex> lock(*mutex);
        });
    ULONG token = 0;
    advise(outlook.object(), callback.Get(), 0, token);
    // [hang]
    const std::lock_guard<std::mutex> lock(*mutex); // which Notify takes, too
    // [/hang]
    outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT);
    is_called->get_future().wait();
    // [hang-unadvise]
    outlook.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    // [/hang-unadvise]
}

} // namespace

int main() {
    try {
        offline_state::set_trace_sink([](const offline_state::TraceEvent& event) {
            if (event.kind == offline_state::TraceEvent::Kind::overdue ||
                FAILED(event.result)) {
                std::printf("%s: 0x%08X, %s\n", event.function,
                            static_cast<unsigned>(event.result), event.reason.c_str());
            }
            if (event.kind == offline_state::TraceEvent::Kind::overdue) {
                std::fflush(stdout);
                std::_Exit(0); // it would hang for ever
            }
        });
        not_found();
        refused();
        pending();
        nothing_arrives();
        const offline_state::NotifyTimeLimit limit(std::chrono::milliseconds(100));
        hang();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
    }
    return 1;
}
