// SPDX-License-Identifier: MIT
#pragma once

#include "../load_outlook_mapi.h"
#include "../step5_unadvise.h"
#include "log.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <string>

namespace offline_state_addin {

/// The add-in's four commands, made of the five steps. Knows nothing of ribbons and of COM
/// add-ins.
///
/// Asking and setting the state open the object for themselves, so that neither ends the
/// monitoring, and neither needs it.
/// @thread Outlook's main thread; the notifications come on another one, and touch nothing but
/// the log.
class Commands {
public:
    /// @param log Must outlive the commands.
    explicit Commands(Log& log) : log_(log) {}

    /// Finds the library, and remembers which profile it is about.
    /// @return False when there is no such library here; the log says why.
    bool connect(std::wstring profile_name);

    /// Ends the monitoring and lets go of the library. May be called more than once.
    void disconnect();

    /// Init Monitor: registers for notifications. Once is enough; a second time changes
    /// nothing.
    void init();

    /// Deinit Monitor: takes the registration back.
    void deinit();

    /// Get Current State: asks, and says what it is: "online", "offline", or why not.
    std::wstring current_state();

    /// Set Current State: the other state than the current one. It returns when the change has
    /// been accepted.
    std::wstring toggle_state();

private:
    Microsoft::WRL::ComPtr<IMAPIOfflineMgr> open();

    Log& log_;
    std::wstring profile_name_;
    offline_state_samples::OutlookMapi mapi_; // let go of last
    offline_state_samples::Registration registration_;
    bool is_monitoring_ = false;
};

} // namespace offline_state_addin
