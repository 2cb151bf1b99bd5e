// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace offline_state_samples {

/// What the command line asks for.
struct Options {
    std::string profile = "Outlook"; ///< UTF-8, as it was typed.
    std::wstring wide_profile;       ///< The same for MAPI: 1 to 64 characters.
    bool json = false;
    bool once = false;
    bool interactive = false;
};

/// Reads the command line, in UTF-8 and without the program's name, into `options`.
/// @return Nothing, or the exit code when the program ends here: 0 after --help and --version, 2 after a
/// sentence that names the wrong argument, 1 where these could not be written.
std::optional<int> parse_options(const std::vector<std::string>& arguments, Options& options);

} // namespace offline_state_samples
