// SPDX-License-Identifier: MIT
// Brings a notification to your own thread, one with a message loop: an add-in's main thread.
//
// Copy this folder together with mapioffline.h. Windows only. Page: "Bring a
// notification to your thread".
#pragma once

#include "step1_implement_notify.h"

#include <windows.h>

#include <functional>
#include <memory>

namespace offline_state_samples {

// [declaration]
/// All changes that have completed since you were called last, as one.
struct CompletedChanges {
    ULONG state; ///< after the last of them: MAPIOFFLINE_STATE_ONLINE or ..._OFFLINE
    ULONG count; ///< how many DONE notifications there were; each one counts
};

/// Notify, on whatever thread, leaves a note and posts a message to a window of yours; the
/// window's procedure calls you. At most one message is posted at a time, so a main thread that
/// is busy for an hour gets one call after it.
/// @thread Create, begin, end and destroy it on one thread, which has a message loop.
class WindowThread {
public:
    /// Called on your thread, by its message loop or by a dialog's. Never inside an earlier
    /// call. Here you may use Outlook's object model, and end or destroy the WindowThread.
    /// What an exception leaves undone is dropped.
    using OnChanges = std::function<void(const CompletedChanges&)>;

    WindowThread() = default;
    ~WindowThread() { end(); }
    WindowThread(const WindowThread&) = delete;
    WindowThread& operator=(const WindowThread&) = delete;

    /// Creates the window. Ends what has begun before.
    /// @return S_OK, or why there is no window.
    HRESULT begin(OnChanges on_changes);

    /// For OfflineNotify: call it from any thread, yours included, and as late as you like. It
    /// never waits for your thread.
    OfflineNotify::OnChange sink() const;

    /// Calls the function once, on your thread, after this time: for what is not there yet.
    /// It has begun. Replaces a function that has not been called yet.
    /// @return S_OK, or why there is no timer.
    HRESULT call_later(UINT milliseconds, std::function<void()> function);

    /// Nothing is delivered or called after this; a note that has not been read is dropped.
    /// Frees the functions that it was given, so that what they hold is released on your
    /// thread.
    void end();

private:
    class Mailbox;
    void deliver();
    void call();
    static LRESULT CALLBACK procedure(HWND window, UINT message, WPARAM w, LPARAM l);

    HWND window_ = nullptr;
    std::shared_ptr<const OnChanges> on_changes_;
    std::function<void()> later_;
    std::shared_ptr<Mailbox> mailbox_; // shared with the callbacks, which may outlive us
};
// [/declaration]

} // namespace offline_state_samples
