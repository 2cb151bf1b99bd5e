// A client's callback that records what it is told and counts its references.
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace offline_state_tests {

using Microsoft::WRL::ComPtr;

/// One line for a notification: "START online->offline".
inline std::string text(const MAPIOFFLINE_NOTIFY& notification) {
    const auto state = [](ULONG value) {
        return value == MAPIOFFLINE_STATE_ONLINE    ? std::string("online")
               : value == MAPIOFFLINE_STATE_OFFLINE ? std::string("offline")
                                                    : std::to_string(value);
    };
    const char* const names[] = {"?", "START", "STATECHANGE", "DONE"};
    const int type = notification.NotifyType;
    return (type >= 1 && type <= 3 ? names[type] : "type " + std::to_string(type)) + ' ' +
           state(notification.Info.StateChange.ulStateOld) + "->" + state(notification.Info.StateChange.ulStateNew);
}

class FakeNotify final : public IMAPIOfflineNotify {
public:
    using Action = std::function<void(const MAPIOFFLINE_NOTIFY&)>;

    /// @param action Done in each Notify, after it has been recorded.
    static ComPtr<FakeNotify> create(Action action = {}) {
        ComPtr<FakeNotify> fake;
        *fake.GetAddressOf() = new FakeNotify(std::move(action));
        return fake;
    }

    /// How many of them there are: none may be left at the end of a test.
    static int alive() { return alive_count(); }

    ULONG references() const { return references_; }

    std::vector<MAPIOFFLINE_NOTIFY> notifications() const {
        const std::lock_guard lock(mutex_);
        return notifications_;
    }

    std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const MAPIOFFLINE_NOTIFY& notification : notifications()) {
            all.push_back(text(notification));
        }
        return all;
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
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
        return left;
    }

    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override {
        {
            const std::lock_guard lock(mutex_);
            notifications_.push_back(*pNotifyInfo);
        }
        if (action_) {
            action_(*pNotifyInfo);
        }
    }

private:
    explicit FakeNotify(Action action) : action_(std::move(action)) { ++alive_count(); }
    ~FakeNotify() { --alive_count(); }

    static std::atomic<int>& alive_count() {
        static std::atomic<int> count{0};
        return count;
    }

    std::atomic<ULONG> references_{1};
    const Action action_;
    mutable std::mutex mutex_;
    std::vector<MAPIOFFLINE_NOTIFY> notifications_;
};

} // namespace offline_state_tests
