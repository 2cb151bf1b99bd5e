// SPDX-License-Identifier: MIT
#pragma once

#include <oaidl.h>

#include <string>

namespace offline_state_addin {

/// The name of the profile that Outlook runs with, or an empty text.
///
/// `Application.Session.CurrentProfileName` is there since Outlook 2007; before, MAPI's own
/// session is asked.
/// @param application Outlook's Application object.
/// @thread Outlook's main thread, as for its whole object model.
std::wstring current_profile_name(IDispatch* application);

} // namespace offline_state_addin
