// SPDX-License-Identifier: MIT
#include "stop_windows.h"

#include <atomic>
#include <stdexcept>

namespace offline_state_samples {

namespace {

std::atomic<HANDLE> stop_event{nullptr};

// On a thread of the system's.
BOOL WINAPI on_console_event(DWORD event) {
    SetEvent(stop_event);
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) {
        Sleep(INFINITE); // the console is being closed: when this returns the process ends, unadvised or not
    }
    return TRUE;
}

} // namespace

Handle make_event(bool manual_reset) {
    Handle event(CreateEventW(nullptr, manual_reset ? TRUE : FALSE, FALSE, nullptr));
    if (!event) {
        throw std::runtime_error("cannot create an event");
    }
    return event;
}

Stop::Stop() : event_(make_event(true)) {
    stop_event = event_.get();
    SetConsoleCtrlHandler(on_console_event, TRUE);
}

Stop::~Stop() {
    SetConsoleCtrlHandler(on_console_event, FALSE);
}

bool Stop::wait_for(HANDLE other) const {
    const HANDLE events[] = {event_.get(), other};
    return WaitForMultipleObjects(2, events, FALSE, INFINITE) == WAIT_OBJECT_0 + 1;
}

} // namespace offline_state_samples
