// The process ends while everything is outstanding: a registration, references on all objects of a tree, a Notify that
// is running and does not return, a change behind it, a trace sink and a time limit. The exit code has to be main's.
#include <mapioffline_host.h>

#include "support/object_tree.h"

#include <chrono>
#include <cstdio>
#include <memory>

using namespace offline_state_tests;

namespace {

// Never released; pointed to from here, so that a leak checker does not mind.
struct Outstanding {
    offline_state::Host host{L"Profile"};
    ComPtr<IMAPIOfflineMgr> provider = create_provider(L"Profile", host.object());
    ComPtr<Store> store = Store::below(provider, L"Profile");
    offline_state::NotifyTimeLimit limit{std::chrono::milliseconds(1)};
    Event in_notify;
    Event never;
};
Outstanding* outstanding = nullptr;

} // namespace

int main() {
    offline_state::set_trace_sink([](const offline_state::TraceEvent&) {});
    outstanding = new Outstanding;
    const ComPtr<Recorder> stuck = Recorder::create([](const MAPIOFFLINE_NOTIFY&) {
        outstanding->in_notify.set();
        for (;;) {
            outstanding->never.wait();
        }
    });
    advise(outstanding->store->face(), stuck.Get());
    set_state(outstanding->host.object(), offline);
    outstanding->host.send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0);
    if (!outstanding->in_notify.wait()) {
        std::puts("the notification has not come");
        return 1;
    }
    return 7;
}
