// SPDX-License-Identifier: MIT
#pragma once

#include "module.h"

#include <windows.h>

#include <cstdio>
#include <mutex>
#include <string>

namespace offline_state_addin {

/// What the add-in does and hears, a line each: in a file (UTF-8) and for a debugger
/// (OutputDebugString).
/// While it lives the DLL is not unloaded: Outlook may hold a callback that writes here.
/// @thread Any thread: a notification may come on any.
class Log {
public:
    /// Begins the file anew: `%LOCALAPPDATA%\OfflineStateAddIn\log.txt`. Without one it goes on
    /// with the debugger alone.
    Log();
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void line(const std::wstring& text);

private:
    const KeepsModule keeps_module_;
    std::mutex mutex_;
    std::FILE* file_ = nullptr;
};

/// "E_PENDING (0x8000000A)", or the number alone.
std::wstring result_text(HRESULT result);

} // namespace offline_state_addin
