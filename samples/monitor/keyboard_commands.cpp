// SPDX-License-Identifier: MIT
#include "keyboard_commands.h"

namespace offline_state_samples {

Command parse_command(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return Command::nothing;
    }
    const std::string_view word = line.substr(first, line.find_last_not_of(blanks) - first + 1);
    if (word == "offline") {
        return Command::offline;
    }
    if (word == "online") {
        return Command::online;
    }
    if (word == "quit") {
        return Command::quit;
    }
    return Command::unknown;
}

void LineSplitter::add(std::string_view bytes, const std::function<bool(const std::string& line)>& on_line) {
    for (const char byte : bytes) {
        if (byte != '\n') {
            if (line_.size() < longest_line_) {
                line_ += byte;
            }
            continue;
        }
        const bool go_on = on_line(line_);
        line_.clear();
        if (!go_on) {
            return;
        }
    }
}

} // namespace offline_state_samples
