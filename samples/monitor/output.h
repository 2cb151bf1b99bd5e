// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace offline_state_samples {

enum class Format { text, json };

/// The monitor's standard output: one line for each event, flushed at once, as text or as JSON.
/// @thread Any thread: the client's notifications come on another one than main's. A line is never mixed
/// with another.
class Output {
public:
    /// @param on_failure Called once, on the thread that wrote, when a line could not be written.
    Output(std::string profile, Format format, bool coloured, std::function<void()> on_failure);

    /// The answer to --once.
    void state(const char* state, const std::vector<std::string>& capabilities);

    void ready(const char* state, const std::vector<std::string>& capabilities, std::uint32_t client_token);
    void notification(const char* phase, const char* state_old, const char* state_new, std::uint32_t client_token);
    void unadvised(std::uint32_t client_token);

    /// 0, also when the reader has gone (`| head -1`), which is its right; 1 when a line was lost otherwise.
    int exit_code() const;

private:
    std::string row(const char* event, const std::string& what, const char* state, const std::string& rest) const;
    std::string in_colour_of(const char* state, const std::string& text) const;
    void write(const std::string& line);

    const std::string profile_;
    const Format format_;
    const bool coloured_;
    const std::function<void()> on_failure_;
    mutable std::mutex mutex_; // Guards standard output and error_.
    int error_ = 0;            // The errno of the first write that failed; nothing is written after it.
};

/// Writes to standard output and flushes it. False, with errno set, when that failed.
bool write_line(const std::string& text);

/// Says a sentence on standard error, with the program's name in front.
void tell(const std::string& sentence);

/// The text between quotes, fit to be shown: without control characters and not longer than a line.
std::string quoted(const std::string& text);

} // namespace offline_state_samples
