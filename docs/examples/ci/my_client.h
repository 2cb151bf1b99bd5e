// A client that knows whether the user is online. Its five steps come with the package.
#pragma once

#include <client/step1_implement_notify.h>
#include <client/step2_open_offline_object.h>
#include <client/step3_ask_capabilities.h>
#include <client/step4_advise.h>
#include <client/step5_unadvise.h>

#include <mapioffline.h>

#include <atomic>
#include <memory>

class MyClient {
public:
    /// @param open In Outlook what has been found there, in a test HrOpenOfflineObj itself.
    HRESULT begin(HROPENOFFLINEOBJ* open, LPCWSTR profile_name) {
        using namespace offline_state_samples;
        HRESULT result = open_offline_object(open, profile_name, object_);
        if (FAILED(result)) {
            return result;
        }
        // Notify may come on any thread, and late: it shares what it uses.
        const auto callback =
            OfflineNotify::create([state = state_](const StateChange& change) {
                if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
                    *state = change.state_new;
                }
            });
        ULONG token = 0;
        result = advise(object_.Get(), callback.Get(), 0, token);
        if (FAILED(result)) {
            return result;
        }
        registration_ = Registration(object_, callback, token);
        // After Advise, or a change between the two calls would be missed.
        ULONG now = 0;
        result = current_state(object_.Get(), now);
        if (SUCCEEDED(result)) {
            ULONG unknown = 0;
            state_->compare_exchange_strong(unknown, now);
        }
        return result;
    }

    bool is_online() const { return *state_ == MAPIOFFLINE_STATE_ONLINE; }

    /// E_PENDING while a change is under way: try again when it is DONE.
    HRESULT go_online() {
        return object_->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT,
                                        MAPIOFFLINE_STATE_OFFLINE_MASK,
                                        MAPIOFFLINE_STATE_ONLINE, nullptr);
    }

private:
    std::shared_ptr<std::atomic<ULONG>> state_ = std::make_shared<std::atomic<ULONG>>(0);
    offline_state_samples::ComPtr<IMAPIOfflineMgr> object_;
    offline_state_samples::Registration registration_; // ends before the object
};
