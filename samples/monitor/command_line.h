// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace offline_state_samples {

/// The arguments as UTF-8, without the program's name. (On Windows argv has them in an older encoding.)
std::vector<std::string> command_line(int argc, char** argv);

} // namespace offline_state_samples
