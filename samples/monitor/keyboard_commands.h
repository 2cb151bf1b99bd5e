// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace offline_state_samples {

/// What is typed, however the bytes come in: a line is a command. offline and online are changes of the connection.
class KeyboardCommands {
public:
    /// Told of a change; false when it wants no more lines.
    using OnChange = std::function<bool(bool online)>;

    /// @param on_quit Called for "quit".
    KeyboardCommands(OnChange on_change, std::function<void()> on_quit);

    /// What was typed last.
    bool online() const { return online_; }

    /// If a person is there, asks for a command: on standard error, as a shell does, for standard output holds nothing
    /// but the monitor's lines.
    void prompt() const;

    /// Obeys each line that is now complete, up to one after which no more are wanted.
    void add(std::string_view bytes);

    /// At the end of the input what has come since the last end of line is a line too.
    void end();

private:
    bool obey(const std::string& line);

    // No command is nearly as long; what comes beyond it in a line is dropped, not stored.
    static constexpr std::size_t longest_line_ = 1024;

    const OnChange on_change_;
    const std::function<void()> on_quit_;
    const bool prompts_;
    std::string line_;
    bool online_ = true;
};

} // namespace offline_state_samples
