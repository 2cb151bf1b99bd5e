// SPDX-License-Identifier: MIT
// The DLL: its class factory, and how it is registered.
#pragma once

#include <windows.h>

#include <string>

namespace offline_state_addin {

// {4E1B8C52-9D2F-4B7A-8E36-2C6F0A7D5B91}
constexpr CLSID class_id{
    0x4E1B8C52, 0x9D2F, 0x4B7A, {0x8E, 0x36, 0x2C, 0x6F, 0x0A, 0x7D, 0x5B, 0x91}};
constexpr const wchar_t* class_id_text = L"{4E1B8C52-9D2F-4B7A-8E36-2C6F0A7D5B91}";
constexpr const wchar_t* prog_id = L"OfflineState.SampleAddIn";
constexpr const wchar_t* friendly_name = L"Offline State sample add-in";
constexpr const wchar_t* description =
    L"Monitors and changes the connection state with the Offline State API";

/// While there is one, DllCanUnloadNow says no.
void object_created();
void object_destroyed();

/// The same, for as long as it lives.
struct KeepsModule {
    KeepsModule() { object_created(); }
    ~KeepsModule() { object_destroyed(); }
    KeepsModule(const KeepsModule&) = delete;
    KeepsModule& operator=(const KeepsModule&) = delete;
};

/// Whom a registration is for: everybody (HKEY_LOCAL_MACHINE, for administrators), or the user
/// who asks.
enum class Scope { machine, user };

/// Writes the class and the add-in's keys. Whatever fails, nothing of it stays.
HRESULT register_addin(Scope scope, const std::wstring& dll_path);

/// Takes it all away again. What is not there is no failure.
HRESULT unregister_addin(Scope scope);

} // namespace offline_state_addin
