// Shows step 1: a callback object, and what it makes of the notifications that Outlook may
// send.
//
// Expect three lines for the three phases of a change, nothing for the notifications that are
// not part of this API, and the callback gone at the end. Here the program itself calls Notify;
// from step 4 on Outlook does.
#include "client/step1_implement_notify.h"

#include <cstdio>

using namespace offline_state_samples;

int main() {
    // [run]
    ComPtr<OfflineNotify> callback = OfflineNotify::create([](const StateChange& change) {
        std::printf("%-11s  %s -> %s\n", phase_name(change.phase), state_name(change.state_old),
                    state_name(change.state_new));
    });

    MAPIOFFLINE_NOTIFY notification{};
    notification.ulSize = sizeof notification;
    notification.Info.StateChange = {MAPIOFFLINE_STATE_OFFLINE_MASK, MAPIOFFLINE_STATE_ONLINE,
                                     MAPIOFFLINE_STATE_OFFLINE};
    for (const auto phase :
         {MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE,
          MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE}) {
        notification.NotifyType = phase;
        callback->Notify(&notification);
    }

    std::puts("another type of notification, and another part of the state:");
    notification.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(4);
    callback->Notify(&notification);
    notification.NotifyType = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE;
    notification.Info.StateChange.ulMask = 0x00010000;
    callback->Notify(&notification);
    std::puts("ignored");
    // [/run]
    return 0;
}
