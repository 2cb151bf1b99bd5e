// SPDX-License-Identifier: MIT
// What an add-in's DLL is registered as. Give your own add-in a GUID and names of its own.
#pragma once

#include <windows.h>

namespace offline_state_addin {

struct Identity {
    CLSID class_id;
    const wchar_t* prog_id;
    const wchar_t* friendly_name;
    const wchar_t* description;
};

// {4E1B8C52-9D2F-4B7A-8E36-2C6F0A7D5B91}
constexpr Identity sample_addin{
    {0x4E1B8C52, 0x9D2F, 0x4B7A, {0x8E, 0x36, 0x2C, 0x6F, 0x0A, 0x7D, 0x5B, 0x91}},
    L"OfflineState.SampleAddIn",
    L"Offline State sample add-in",
    L"Monitors and changes the connection state with the Offline State API"};

} // namespace offline_state_addin
