// SPDX-License-Identifier: MIT
#include "load_outlook_mapi.h"

#include <cstring>

namespace offline_state_samples {

namespace {

// [names]
// Programs look up either name in either module, on every architecture (OPEN-5). So this
// tries both names in both. "@20" is how x86 decorates 20 bytes of arguments.
constexpr const wchar_t* library_names[] = {L"olmapi32.dll", L"msmapi32.dll"};
constexpr const char* function_names[] = {"HrOpenOfflineObj", "HrOpenOfflineObj@20"};
// [/names]

std::wstring path_of(HMODULE module) {
    wchar_t path[MAX_PATH];
    const DWORD length = GetModuleFileNameW(module, path, MAX_PATH);
    return {path, length};
}

} // namespace

// [load]
OutlookMapi load_outlook_mapi() {
    OutlookMapi mapi;
    for (const wchar_t* const name : library_names) {
        // Unlike GetModuleHandle it takes a reference, so that nothing unloads the module.
        HMODULE module = nullptr;
        if (GetModuleHandleExW(0, name, &module) == FALSE) {
            continue;
        }
        mapi.module.reset(module);
        for (const char* const function : function_names) {
            if (const FARPROC address = GetProcAddress(module, function)) {
                // Through void*, because the compiler warns that the two types differ.
                mapi.open_offline_object =
                    reinterpret_cast<HROPENOFFLINEOBJ*>(reinterpret_cast<void*>(address));
                mapi.found =
                    std::wstring(function, function + std::strlen(function)) + L" in " + name;
                mapi.problem.clear();
                return mapi;
            }
        }
        mapi.problem += path_of(module) +
                        L" is loaded, but exports neither HrOpenOfflineObj nor "
                        L"HrOpenOfflineObj@20. ";
        mapi.module.reset();
    }
    mapi.problem +=
        L"No other module of Outlook's is loaded in this process that could have "
        L"HrOpenOfflineObj (olmapi32.dll or msmapi32.dll): only inside Outlook, as an "
        L"add-in or a MAPI provider, is there an Offline State API.";
    return mapi;
}
// [/load]

} // namespace offline_state_samples
