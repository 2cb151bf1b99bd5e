// SPDX-License-Identifier: MIT
// Step 1: implement IMAPIOfflineNotify, which Outlook calls when the connection state changes.
//
// Copy this folder together with mapioffline.h. Page: "Step 1: Implement IMAPIOfflineNotify".
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <functional>
#include <utility>

namespace offline_state_samples {

using Microsoft::WRL::ComPtr;

// [step1]
/// One phase of one change of the state, with everything that is not part of this API left out.
struct StateChange {
    MAPIOFFLINE_NOTIFY_TYPE phase;
    ULONG client_token;
    ULONG state_old; ///< MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE
    ULONG state_new;
};

/// The callback object. Outlook holds references while it is registered, and perhaps for a
/// while after that; you hold one for as long as you like.
class OfflineNotify final : public IMAPIOfflineNotify {
public:
    /// Called on any thread, yours included, perhaps on two at once, perhaps after Unadvise: no
    /// page rules that out. Capture only what lives as long as the callback (a std::shared_ptr,
    /// no reference and no `this`), and make it safe on two threads. Return quickly, and do not
    /// wait for a thread that unadvises.
    using OnChange = std::function<void(const StateChange&)>;

    static ComPtr<OfflineNotify> create(OnChange on_change) {
        ComPtr<OfflineNotify> callback;
        // Takes over the first reference, which an assignment to the ComPtr itself would leak.
        // (So would Attach in mingw-w64's ComPtr, up to its version 10 at least.)
        *callback.GetAddressOf() = new OfflineNotify(std::move(on_change));
        return callback;
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (ppvObject == nullptr) {
            return E_POINTER;
        }
        if (riid == __uuidof(IUnknown) || riid == __uuidof(IMAPIOfflineNotify)) {
            *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
            AddRef();
            return S_OK;
        }
        *ppvObject = nullptr;
        return E_NOINTERFACE;
    }

    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }

    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left; // a local: after the last release there is no member left to read
    }

    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override {
        if (has_ended_ || !is_state_change(pNotifyInfo)) {
            return; // Outlook also sends what is not part of this API
        }
        const auto& change = pNotifyInfo->Info.StateChange; // can be read during this call only
        try {
            on_change_({pNotifyInfo->NotifyType, pNotifyInfo->ulClientToken,
                        change.ulStateOld & MAPIOFFLINE_STATE_OFFLINE_MASK,
                        change.ulStateNew & MAPIOFFLINE_STATE_OFFLINE_MASK});
        } catch (...) {
            // Nothing leaves this function: what Outlook would do then is not documented.
        }
    }

    /// From now on a Notify does nothing. One that is running on another thread is not waited
    /// for.
    void end() { has_ended_ = true; }

private:
    explicit OfflineNotify(OnChange on_change) : on_change_(std::move(on_change)) {}
    ~OfflineNotify() = default; // by Release

    /// Check this before reading Info: one of the three types, about online and offline.
    static bool is_state_change(const MAPIOFFLINE_NOTIFY* notification) {
        if (notification == nullptr) {
            return false;
        }
        switch (notification->NotifyType) {
        case MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START:
        case MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE:
        case MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE:
            return notification->Info.StateChange.ulMask == MAPIOFFLINE_STATE_OFFLINE_MASK;
        }
        return false;
    }

    std::atomic<ULONG> references_{1};
    std::atomic<bool> has_ended_{false};
    const OnChange on_change_;
};
// [/step1]

/// The states and the phases in words, for messages.
inline const char* state_name(ULONG state) {
    switch (state & MAPIOFFLINE_STATE_OFFLINE_MASK) {
    case MAPIOFFLINE_STATE_ONLINE:
        return "online";
    case MAPIOFFLINE_STATE_OFFLINE:
        return "offline";
    default:
        return "unknown";
    }
}

inline const char* phase_name(MAPIOFFLINE_NOTIFY_TYPE phase) {
    switch (phase) {
    case MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START:
        return "START";
    case MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE:
        return "STATECHANGE";
    case MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE:
        return "DONE";
    }
    return "unknown";
}

} // namespace offline_state_samples
