// A client in a library of its own, as an add-in is. Its callback's code is in this library.
#include "client/step1_implement_notify.h"

extern "C" IMAPIOfflineNotify* create_callback() {
    return offline_state_samples::OfflineNotify::create(
               [](const offline_state_samples::StateChange&) {})
        .Detach();
}
