// SPDX-License-Identifier: MIT
#include "window_thread.h"

#include <mutex>
#include <utility>

namespace offline_state_samples {

namespace {

constexpr const wchar_t* class_name = L"OfflineStateSamples.WindowThread";
constexpr UINT note_is_left = WM_APP;
constexpr UINT_PTR timer = 1;

/// This DLL or program, whose window class it is: two add-ins may have copied this file.
HINSTANCE this_module() {
    HMODULE module = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                           GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       class_name, &module);
    return module;
}

} // namespace

// [mailbox]
/// The note. Each callback owns a share of it, so a Notify that comes late finds it closed.
class WindowThread::Mailbox {
public:
    explicit Mailbox(HWND window) : window_(window) {}

    /// On any thread. The lock is held for a few instructions, and never while anybody's code
    /// is called: PostMessage does not wait.
    void leave(const StateChange& change) {
        if (change.phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            return; // START and STATECHANGE would be over by the time they are read
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        if (window_ != nullptr) {
            note_ = {change.state_new, note_.count + 1};
            post();
        }
    }

    CompletedChanges read() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return std::exchange(note_, {});
    }

    /// The message has been dealt with. Changes that have come since then get the next one.
    void finish() {
        const std::lock_guard<std::mutex> lock(mutex_);
        is_posted_ = false;
        if (window_ != nullptr && note_.count != 0) {
            post();
        }
    }

    void close() {
        const std::lock_guard<std::mutex> lock(mutex_);
        window_ = nullptr;
    }

private:
    void post() {
        if (!is_posted_) {
            // It fails when the thread has left 10,000 messages unread. The note stays, and the
            // next DONE tries again.
            is_posted_ = PostMessageW(window_, note_is_left, 0, 0) != FALSE;
        }
    }

    std::mutex mutex_; // guards what follows
    HWND window_;      // null once closed
    CompletedChanges note_{};
    bool is_posted_ = false; // or being dealt with
};
// [/mailbox]

HRESULT WindowThread::begin(OnChanges on_changes) {
    end();
    WNDCLASSW window_class{};
    window_class.lpfnWndProc = procedure;
    window_class.hInstance = this_module();
    window_class.lpszClassName = class_name;
    RegisterClassW(&window_class); // fails if it is there already, which is fine
    window_ = CreateWindowExW(0, class_name, nullptr, 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr,
                              window_class.hInstance, nullptr);
    if (window_ == nullptr) {
        return HRESULT_FROM_WIN32(GetLastError());
    }
    SetWindowLongPtrW(window_, GWLP_USERDATA, reinterpret_cast<LONG_PTR>(this));
    mailbox_ = std::make_shared<Mailbox>(window_);
    on_changes_ = std::make_shared<const OnChanges>(std::move(on_changes));
    return S_OK;
}

OfflineNotify::OnChange WindowThread::sink() const {
    return [mailbox = mailbox_](const StateChange& change) {
        if (mailbox) { // it has begun
            mailbox->leave(change);
        }
    };
}

HRESULT WindowThread::call_later(UINT milliseconds, std::function<void()> function) {
    if (window_ == nullptr) {
        return E_UNEXPECTED;
    }
    if (SetTimer(window_, timer, milliseconds, nullptr) == 0) {
        return HRESULT_FROM_WIN32(GetLastError());
    }
    later_ = std::move(function);
    return S_OK;
}

// [end]
void WindowThread::end() {
    if (mailbox_) {
        mailbox_->close();
        mailbox_.reset();
    }
    if (window_ != nullptr) {
        DestroyWindow(window_); // and with it the message that is posted
        window_ = nullptr;
        // Or the class would outlive this DLL. It fails while there are other windows of it.
        UnregisterClassW(class_name, this_module());
    }
    on_changes_.reset();
    later_ = nullptr;
}
// [/end]

// [deliver]
void WindowThread::deliver() {
    // Shares of both, because the function may end or destroy this object.
    const std::shared_ptr<Mailbox> mailbox = mailbox_;
    const std::shared_ptr<const OnChanges> on_changes = on_changes_;
    try {
        const CompletedChanges changes = mailbox->read();
        if (changes.count != 0) { // or the message is somebody else's
            (*on_changes)(changes);
        }
    } catch (...) {
        // Nothing leaves a window's procedure: the system has called it.
    }
    mailbox->finish();
}

void WindowThread::call() {
    KillTimer(window_, timer);
    // Moved, for the function may end or destroy this object, or call call_later.
    const std::function<void()> function = std::exchange(later_, nullptr);
    try {
        if (function) {
            function();
        }
    } catch (...) {
    }
}

LRESULT CALLBACK WindowThread::procedure(HWND window, UINT message, WPARAM w, LPARAM l) {
    auto* const self =
        reinterpret_cast<WindowThread*>(GetWindowLongPtrW(window, GWLP_USERDATA));
    if (message == note_is_left && self != nullptr) {
        self->deliver();
        return 0;
    }
    if (message == WM_TIMER && w == timer && self != nullptr) {
        self->call();
        return 0;
    }
    return DefWindowProcW(window, message, w, l);
}
// [/deliver]

} // namespace offline_state_samples
