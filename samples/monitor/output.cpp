// SPDX-License-Identifier: MIT
#include "output.h"

#include "local_time.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace offline_state_samples {

namespace {

using Json = nlohmann::ordered_json;

/// One line. Bytes that are not UTF-8 are replaced: a monitor must not end because of a name.
std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += text.empty() ? word : " and " + word;
    }
    return text.empty() ? "nothing" : text;
}

} // namespace

Output::Output(std::string profile, Format format, bool coloured, std::function<void()> on_failure)
    : profile_(std::move(profile)), format_(format), coloured_(coloured), on_failure_(std::move(on_failure)) {
}

void Output::state(const char* state, const std::vector<std::string>& capabilities) {
    if (format_ == Format::text) {
        write(in_colour_of(state, state));
        return;
    }
    write(dump({{"time", local_time_now()},
                {"event", "state"},
                {"profile", profile_},
                {"state", state},
                {"capabilities", capabilities}}));
}

void Output::ready(const char* state, const std::vector<std::string>& capabilities, std::uint32_t client_token) {
    if (format_ == Format::text) {
        write(row("ready", state, state, "profile " + profile_ + ", notifies " + joined(capabilities)));
        return;
    }
    write(dump({{"time", local_time_now()},
                {"event", "ready"},
                {"profile", profile_},
                {"client_token", client_token},
                {"state", state},
                {"capabilities", capabilities}}));
}

void Output::notification(const char* phase, const char* state_old, const char* state_new, std::uint32_t client_token) {
    if (format_ == Format::text) {
        write(row(phase, std::string(state_old) + " -> " + state_new, state_new, ""));
        return;
    }
    write(dump({{"time", local_time_now()},
                {"event", "notification"},
                {"profile", profile_},
                {"client_token", client_token},
                {"phase", phase},
                {"old", state_old},
                {"new", state_new}}));
}

void Output::unadvised(std::uint32_t client_token) {
    if (format_ == Format::text) {
        write(row("unadvised", "", "", "profile " + profile_));
        return;
    }
    write(dump(
        {{"time", local_time_now()}, {"event", "unadvised"}, {"profile", profile_}, {"client_token", client_token}}));
}

int Output::exit_code() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return error_ == 0 || error_ == EPIPE ? 0 : 1;
}

std::string Output::row(const char* event, const std::string& what, const char* state, const std::string& rest) const {
    // The widths of the longest: STATECHANGE, and offline -> online.
    char columns[64];
    std::snprintf(columns, sizeof columns, "  %-11s  ", event);
    std::string middle = what;
    if (!rest.empty()) {
        middle.resize(std::max<std::size_t>(middle.size(), 17), ' ');
    }
    const std::string time = coloured_ ? "\x1b[2m" + local_time_now() + "\x1b[0m" : local_time_now();
    return time + columns + in_colour_of(state, middle) + (rest.empty() ? "" : "  " + rest);
}

std::string Output::in_colour_of(const char* state, const std::string& text) const {
    if (!coloured_ || *state == '\0') {
        return text;
    }
    return (std::strcmp(state, "online") == 0 ? "\x1b[32m" : "\x1b[33m") + text + "\x1b[0m"; // green, yellow
}

void Output::write(const std::string& line) {
    int error = 0;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (error_ != 0 || write_line(line + "\n")) {
            return;
        }
        error_ = error = errno;
    }
    if (error != EPIPE) {
        tell(std::string("cannot write to standard output: ") + std::strerror(error));
    }
    on_failure_();
}

bool write_line(const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

void tell(const std::string& sentence) {
    std::fprintf(stderr, "offline_state_monitor: %s\n", sentence.c_str());
}

std::string quoted(const std::string& text) {
    constexpr std::size_t longest = 60;
    return dump(text.size() <= longest ? text : text.substr(0, longest) + "...");
}

} // namespace offline_state_samples
