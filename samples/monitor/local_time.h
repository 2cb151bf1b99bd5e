// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace offline_state_samples {

/// Now, in local time, as ISO 8601 has it: 2026-11-22T21:36:07.123+01:00.
std::string local_time_now();

} // namespace offline_state_samples
