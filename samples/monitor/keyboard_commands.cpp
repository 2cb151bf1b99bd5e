// SPDX-License-Identifier: MIT
#include "keyboard_commands.h"

#include "output.h"
#include "standard_streams.h"

#include <cstdio>
#include <utility>

namespace offline_state_samples {

namespace {

/// Without the blanks around it.
std::string_view word_in(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

} // namespace

KeyboardCommands::KeyboardCommands(OnChange on_change, std::function<void()> on_quit)
    : on_change_(std::move(on_change)), on_quit_(std::move(on_quit)),
      prompts_(is_terminal(Stream::input) && is_terminal(Stream::error)) {
}

void KeyboardCommands::prompt() const {
    if (prompts_) {
        std::fputs("offline, online or quit> ", stderr);
    }
}

void KeyboardCommands::add(std::string_view bytes) {
    for (const char byte : bytes) {
        if (byte != '\n') {
            if (line_.size() < longest_line_) {
                line_ += byte;
            }
            continue;
        }
        if (!obey(std::exchange(line_, {}))) {
            return;
        }
    }
}

void KeyboardCommands::end() {
    if (prompts_) {
        std::fputc('\n', stderr); // the cursor stands behind the prompt
    }
    obey(std::exchange(line_, {}));
}

/// False when no more lines are wanted.
bool KeyboardCommands::obey(const std::string& line) {
    const std::string_view word = word_in(line);
    if (word == "offline" || word == "online") {
        online_ = word == "online";
        return on_change_(online_);
    }
    if (word == "quit") {
        on_quit_();
        return false;
    }
    if (!word.empty()) {
        tell(quoted(line) + " is not a command: type offline, online or quit.");
    }
    return true;
}

} // namespace offline_state_samples
