// SPDX-License-Identifier: MIT
#pragma once

#include "../client/step1_implement_notify.h"
#include "../client/step3_ask_capabilities.h"

#include <nlohmann/json_fwd.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace offline_state_samples {

using Json = nlohmann::ordered_json;

/// Writes the sentence to standard error, with the program's name in front.
void print_error(const std::string& sentence);

std::string failure(const char* call, HRESULT result);

/// Throws when the call has failed.
void check(HRESULT result, const char* call);

/// Writes to standard output at once. Nothing, or the exit code when that failed: 1 after a sentence, and 0 if only the
/// reader has gone, as `head -1` does.
std::optional<int> print(const std::string& text);

/// The text in quotes, without control characters and shorter than a line.
std::string quoted(const std::string& text);

/// The monitor's lines on standard output, one for each event, as text or as JSON. Any thread may use it.
class Output {
public:
    /// @param on_failure Called once, on the thread that wrote, when a line could not be written.
    Output(std::string profile, bool json, bool coloured, std::function<void()> on_failure)
        : profile_(std::move(profile)), json_(json), coloured_(coloured), on_failure_(std::move(on_failure)) {}

    /// The answer to --once; in text nothing but the state.
    void state(ULONG state, const Capabilities& capabilities);

    void ready(ULONG state, const Capabilities& capabilities, ULONG client_token);
    void notification(const StateChange& change);

    /// The last line: a notification that comes later is ignored.
    void unadvised(ULONG client_token);

    /// 1 when a line was lost, else 0.
    int exit_code() const { return exit_code_; }

private:
    /// JSON has `event` and the `fields`; text has the columns `label`, `what` (in the state's colour) and `more`.
    void line(const char* event, const char* label, const std::string& what, ULONG state, const std::string& more,
              const Json& fields, bool is_last = false);

    /// Call it with the lock held.
    void write(const std::string& line, bool is_last = false);

    const std::string profile_;
    const bool json_;
    const bool coloured_;
    const std::function<void()> on_failure_;
    std::mutex mutex_; // guards standard output and what follows
    bool ended_ = false;
    std::atomic<int> exit_code_{0};
};

} // namespace offline_state_samples
