// This thread's message loop, as far as a test turns it.
#pragma once

#include <windows.h>

#include <chrono>

namespace offline_state_tests {

/// Dispatches all that is posted to this thread.
/// @return How many messages that was.
inline int pump() {
    int count = 0;
    for (MSG message; PeekMessageW(&message, nullptr, 0, 0, PM_REMOVE) != FALSE; ++count) {
        DispatchMessageW(&message);
    }
    return count;
}

/// Dispatches messages until `done()`. False when that takes longer than any machine needs.
template <class Done>
bool pump_until(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
        pump();
        if (done()) {
            return true;
        }
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
        if (left <= 0) {
            return false;
        }
        MsgWaitForMultipleObjectsEx(0, nullptr, static_cast<DWORD>(left), QS_ALLINPUT, MWMO_INPUTAVAILABLE);
    }
}

/// True while a message is posted to this thread and not dispatched.
inline bool message_is_posted() {
    MSG message;
    return PeekMessageW(&message, nullptr, 0, 0, PM_NOREMOVE) != FALSE;
}

} // namespace offline_state_tests
