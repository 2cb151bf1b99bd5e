// SPDX-License-Identifier: MIT
// The DLL: its class factory, and how it is registered.
#pragma once

#include "addin_interfaces.h"
#include "identity.h"

#include <windows.h>

#include <string>

namespace offline_state_addin {

/// Which add-in this DLL is. The DLL's one add-in defines both functions.
const Identity& this_addin();
/// Creates it, with one reference.
IDTExtensibility2* create_addin();

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
