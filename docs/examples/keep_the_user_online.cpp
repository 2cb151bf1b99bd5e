// Keeps the user online, and gives way to whoever insists on the opposite.
//
// Expect three attempts against a client that always goes offline again, then none. Page:
// "Which signal do I need?".
#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step4_advise.h"

#include <mapioffline_host.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>

using namespace offline_state_samples;

namespace {

HRESULT ask_for(IMAPIOffline* object, ULONG state) {
    // DEFAULT: it is called from Notify, where BLOCK would deadlock in Outlook.
    return object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                   state, nullptr);
}

// [keep]
/// Shared by the callback. Any thread may call it.
class KeepOnline {
public:
    explicit KeepOnline(ComPtr<IMAPIOfflineMgr> object) : object_(std::move(object)) {}

    void notified(const StateChange& change) {
        // At DONE the change is complete. Earlier the answer would be E_PENDING.
        if (change.phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE ||
            change.state_new != MAPIOFFLINE_STATE_OFFLINE) {
            return;
        }
        if (attempts_ == most_attempts) {
            std::puts("offline: gives way; tell the user");
            return;
        }
        std::printf("offline: asks for online, attempt %d of %d\n", ++attempts_, most_attempts);
        // E_PENDING: another client was quicker. The DONE of its change comes here too.
        ask_for(object_.Get(), MAPIOFFLINE_STATE_ONLINE);
    }

    /// When the user asks for it; or from a timer of your user interface, waiting twice as long
    /// each time.
    void try_again() { attempts_ = 0; }

private:
    static constexpr int most_attempts = 3;
    const ComPtr<IMAPIOfflineMgr> object_;
    std::atomic<int> attempts_{0};
};
// [/keep]

int run() {
    offline_state::ManualDispatcher dispatcher; // before the host: it delivers on demand
    offline_state::Host outlook(L"Outlook");
    ComPtr<IMAPIOfflineMgr> object;
    if (FAILED(open_offline_object(HrOpenOfflineObj, L"Outlook", object))) {
        return 1;
    }
    const auto keep_online = std::make_shared<KeepOnline>(object);
    ULONG advise_token = 0;
    if (FAILED(advise(object.Get(),
                      OfflineNotify::create([keep_online](const StateChange& change) {
                          keep_online->notified(change);
                      }).Get(),
                      0, advise_token))) {
        return 1;
    }
    // Another client, which wants the opposite and never gives way.
    ULONG other_token = 0;
    if (FAILED(advise(object.Get(),
                      OfflineNotify::create([&outlook](const StateChange& change) {
                          if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
                              change.state_new == MAPIOFFLINE_STATE_ONLINE) {
                              std::puts("online: the other client goes offline");
                              outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT);
                          }
                      }).Get(),
                      0, other_token))) {
        return 1;
    }
    if (FAILED(outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT))) {
        return 1;
    }
    while (dispatcher.deliver_phase()) {
    }
    std::puts("it has settled; the user asks for another attempt");
    keep_online->try_again();
    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, other_token);
    ask_for(object.Get(), MAPIOFFLINE_STATE_ONLINE);
    while (dispatcher.deliver_phase()) {
    }
    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, advise_token);
    ULONG state = 0;
    return SUCCEEDED(object->GetCurrentState(&state))
               ? std::printf("now %s\n", state_name(state)) < 0
               : 1;
}

} // namespace

int main() {
    try {
        return run();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
