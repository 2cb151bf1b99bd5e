// SPDX-License-Identifier: MIT
// The two signals of Outlook's object model that are not the Offline State API. Page: "Which
// signal do I need?".
#pragma once

#include <oaidl.h>

#include <string>

namespace offline_state_addin {

// [modes]
enum class Says { nothing, no, yes };

/// What Microsoft documents about a value of OlExchangeConnectionMode.
struct ConnectionMode {
    long value;
    const wchar_t* name;
    Says work_offline; ///< has the user chosen Work Offline?
    Says connected;    ///< is there a connection to the Exchange server?
};

constexpr ConnectionMode connection_modes[] = {
    {0, L"olNoExchange", Says::nothing, Says::nothing},
    {100, L"olOffline", Says::yes, Says::no},
    {200, L"olCachedOffline", Says::yes, Says::nothing},
    {300, L"olDisconnected", Says::no, Says::no},
    {400, L"olCachedDisconnected", Says::no, Says::no},
    {500, L"olCachedConnectedHeaders", Says::no, Says::yes},
    {600, L"olCachedConnectedDrizzle", Says::no, Says::yes},
    {700, L"olCachedConnectedFull", Says::no, Says::yes},
    {800, L"olOnline", Says::no, Says::yes},
};
// [/modes]

/// What both say now, for the log: "NameSpace.Offline True; ExchangeConnectionMode 400
/// (olCachedDisconnected, not Work Offline, not connected)".
/// @param session Outlook's NameSpace object, or null.
/// @thread Outlook's main thread, as for its whole object model.
std::wstring object_model_signals(IDispatch* session);

} // namespace offline_state_addin
