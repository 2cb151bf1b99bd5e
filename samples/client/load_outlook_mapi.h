// SPDX-License-Identifier: MIT
// Finds HrOpenOfflineObj inside Outlook's process, where a client cannot link it.
//
// Copy this folder together with mapioffline.h. Windows only. Page: "Find HrOpenOfflineObj
// inside Outlook".
#pragma once

#include <mapioffline.h>

#include <windows.h>

#include <memory>
#include <string>
#include <type_traits>

namespace offline_state_samples {

// [declaration]
/// Outlook's library with the Offline State API. It stays loaded while this lives: release
/// everything that you opened through it first.
struct OutlookMapi {
    struct FreeModule {
        void operator()(HMODULE module) const { FreeLibrary(module); }
    };
    using Module = std::unique_ptr<std::remove_pointer_t<HMODULE>, FreeModule>;

    Module module;
    HROPENOFFLINEOBJ* open_offline_object = nullptr; ///< null when it has not been found
    std::wstring found;                              ///< which it is, and where
    std::wstring problem;                            ///< why not, in a sentence
};

/// Looks into the modules that are loaded already, and loads none: a library of that name
/// somewhere in the search path is not Outlook's, and knows nothing of its profiles.
OutlookMapi load_outlook_mapi();
// [/declaration]

} // namespace offline_state_samples
