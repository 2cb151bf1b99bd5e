// SPDX-License-Identifier: MIT
#pragma once

/// @file mapioffline_worst.h
/// @brief What a test asks the worst permitted Outlook for.
///
/// That library keeps every statement that is documented or observed, and breaks those that are decided here,
/// each by a behaviour with a name. The environment variable `OFFLINE_STATE_WORST` chooses them when the first function
/// of the library is called; offline_state_worst_set chooses others later. Without either, all are on. A program that
/// loads the library looks these functions up by name, as it does HrOpenOfflineObj.
///
/// When offline_state_worst_set would not accept the variable, or when the reference is in the same process, a
/// sentence on standard error says so; HrOpenOfflineObj returns MAPI_E_NOT_FOUND and HrCreateOfflineObj E_FAIL.

#ifdef __cplusplus
extern "C" {
#endif

/// @brief Chooses the behaviours from now on; it is meant for the time between two tests.
/// @param[in] behaviours `all`, `none`, names separated by commas as in `late-notify,concurrent`, or a number that
///   chooses about half of them, as in `seed:42`. Null or empty is `all`.
/// @return 0, or 1 for any other text: then a sentence on standard error says why, and nothing changes.
int offline_state_worst_set(const char* behaviours);

/// @brief Waits until everything that the library does late has been done: changes, notifications, releases.
///
/// Do not call it inside IMAPIOfflineNotify::Notify: it would wait for that call.
void offline_state_worst_settle(void);

#ifdef __cplusplus
}
#endif
