// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace offline_state_samples {

/// What a line from the keyboard asks for.
enum class Command { offline, online, quit, nothing, unknown };

/// Blanks around the word do not matter, and an empty line asks for nothing.
Command parse_command(std::string_view line);

/// Makes lines of the bytes that come in, however they are cut.
class LineSplitter {
public:
    /// Calls `on_line` for each line that is now complete, without its end, until it returns false.
    void add(std::string_view bytes, const std::function<bool(const std::string& line)>& on_line);

    /// What has come since the last end of line. At the end of the input it is a line too.
    const std::string& rest() const { return line_; }

private:
    // No command is nearly as long; what comes beyond it in a line is dropped, not stored.
    static constexpr std::size_t longest_line_ = 1024;

    std::string line_;
};

} // namespace offline_state_samples
