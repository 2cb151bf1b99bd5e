// SPDX-License-Identifier: MIT
#pragma once

#include "../client/load_outlook_mapi.h"
#include "../client/step5_unadvise.h"
#include "../client/window_thread.h"
#include "log.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace offline_state_addin {

/// The add-in's four commands, made of the five steps. Knows nothing of ribbons and of COM
/// add-ins.
///
/// Asking and setting the state open the object for themselves, so that neither ends the
/// monitoring, and neither needs it.
/// @thread Outlook's main thread, where `on_state` is called too. Notifications may come on any
/// thread, and use nothing but the log and a message to the main thread.
class Commands {
public:
    /// Called with the state when monitoring begins, and while it goes on after each change, or
    /// once after several.
    using OnState = std::function<void(const std::wstring& state)>;

    Commands(std::shared_ptr<Log> log, OnState on_state)
        : log_(std::move(log)), on_state_(std::move(on_state)) {}

    /// Gives the profile's name, or an empty text while it cannot be found out.
    using ProfileName = std::function<std::wstring()>;

    /// Finds the library and begins to monitor. While Outlook starts, the library, the
    /// profile's name or its offline object may not be there yet: then it tries again after 1,
    /// 2, 4, ... seconds, nine times in some eight minutes, and whenever try_again is called.
    void connect(ProfileName profile_name);

    /// Outlook has started: what was not there may be there now.
    void try_again();

    /// Ends the monitoring and lets go of the library. May be called more than once.
    void disconnect();

    /// Init Monitor: registers for notifications, and tries again like connect. Once is enough;
    /// a second time changes nothing.
    void init();

    /// Deinit Monitor: ends the registration, and tries no more.
    void deinit();

    /// "online", "offline", or "not available", and the log says why.
    std::wstring state();

    /// Get Current State: the same, as a command.
    std::wstring current_state();

    /// Set Current State: the other state than the current one. It returns when the change has
    /// been accepted.
    std::wstring toggle_state();

private:
    Microsoft::WRL::ComPtr<IMAPIOfflineMgr> open();

    void attempt();
    void find();
    bool monitor(); // false: it cannot, and the log says why
    void changed(const offline_state_samples::CompletedChanges& changes);

    const std::shared_ptr<Log> log_;
    const OnState on_state_;
    ProfileName ask_profile_name_;
    std::wstring profile_name_;
    offline_state_samples::OutlookMapi mapi_; // let go of last
    offline_state_samples::Registration registration_;
    offline_state_samples::WindowThread main_thread_;
    bool is_monitoring_ = false;
    bool is_waiting_ = false; // for the next attempt, in
    UINT seconds_ = 1;
};

} // namespace offline_state_addin
