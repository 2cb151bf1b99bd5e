// SPDX-License-Identifier: MIT
#pragma once

#include <oaidl.h>

#include <string>

namespace offline_state_addin {

/// The name of the profile that Outlook runs with, or an empty text.
///
/// `NameSpace.CurrentProfileName` is there since Outlook 2007; before, MAPI's own session is
/// asked.
/// @param session Outlook's NameSpace object (Application.Session), or null.
/// @thread Outlook's main thread, as for its whole object model.
std::wstring profile_name(IDispatch* session);

} // namespace offline_state_addin
