// SPDX-License-Identifier: MIT
#pragma once

#include <windows.h>

#include <memory>
#include <type_traits>

namespace offline_state_samples {

struct CloseHandleDeleter {
    void operator()(HANDLE handle) const { CloseHandle(handle); }
};
using Handle = std::unique_ptr<std::remove_pointer_t<HANDLE>, CloseHandleDeleter>;

/// An event that both of two threads can wait for and set.
/// @throws std::runtime_error There is none to be had.
Handle make_event(bool manual_reset);

/// The wish to end: by stop(), by Ctrl-C or Ctrl-Break, or because the console or the session is closed.
class Stop {
public:
    /// From here on the console's events are caught. One of it at a time.
    Stop();
    ~Stop();
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;

    /// Any thread.
    void stop() { SetEvent(event_.get()); }

    bool stopping() const { return WaitForSingleObject(event_.get(), 0) == WAIT_OBJECT_0; }

    /// Waits for `other` or the wish to end; true when it was `other` and nobody wishes to end.
    bool wait_for(HANDLE other) const;

private:
    const Handle event_;
};

} // namespace offline_state_samples
