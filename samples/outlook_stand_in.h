// Lets the samples run without Outlook: they ask this stand-in for what a user would do in
// Outlook.
//
// Inside Outlook's process there is nothing like it: leave it out together with each line that
// uses it.
#pragma once

#include <mapioffline_host.h>

namespace offline_state_samples {

/// Outlook with one profile of this name. host.work_offline(true) is a click on "Work Offline".
using OutlookStandIn = offline_state::Host;

constexpr LPCWSTR sample_profile = L"Outlook";

} // namespace offline_state_samples
