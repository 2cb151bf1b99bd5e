// SPDX-License-Identifier: MIT
#include "output.h"

#include <fmt/chrono.h>
#include <fmt/color.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace offline_state_samples {
namespace {

/// One line of JSON. Bytes that are not UTF-8 are replaced.
std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// ISO 8601: 2026-11-22T21:36:07.123+01:00.
std::string local_time_now() {
    const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const std::time_t time = std::chrono::system_clock::to_time_t(now);
    const std::tm local = fmt::localtime(time);
    std::tm utc = fmt::gmtime(time); // mingw-w64's %z is a name, so the offset is computed
    utc.tm_isdst = local.tm_isdst;
    const auto east = static_cast<int>(time - std::mktime(&utc)) / 60;
    return fmt::format("{:%FT%H:%M}:{:%S}{}{:02}:{:02}", local, now.time_since_epoch(), east < 0 ? '-' : '+',
                       std::abs(east) / 60, std::abs(east) % 60);
}

std::vector<std::string> names(const Capabilities& capabilities) {
    std::vector<std::string> names;
    if (capabilities.offline) {
        names.emplace_back("offline");
    }
    if (capabilities.online) {
        names.emplace_back("online");
    }
    return names;
}

fmt::text_style colour(bool coloured, ULONG state) {
    const bool online = state == MAPIOFFLINE_STATE_ONLINE;
    return coloured && state != 0 ? fg(online ? fmt::terminal_color::green : fmt::terminal_color::yellow)
                                  : fmt::text_style();
}

} // namespace

void print_error(const std::string& sentence) {
    std::fputs(("offline_state_monitor: " + sentence + "\n").c_str(), stderr);
}

std::string failure(const char* call, HRESULT result) {
    return fmt::format("{} failed with 0x{:08X}.", call, static_cast<unsigned>(result));
}

void check(HRESULT result, const char* call) {
    if (FAILED(result)) {
        throw std::runtime_error(failure(call, result));
    }
}

std::optional<int> print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
        return std::nullopt;
    }
    if (errno == EPIPE) {
        return 0;
    }
    print_error(std::string("cannot write to standard output: ") + std::strerror(errno));
    return 1;
}

std::string quoted(const std::string& text) {
    return dump(text.substr(0, 60) + (text.size() > 60 ? "..." : ""));
}

void Output::state(ULONG state, const Capabilities& capabilities) {
    const char* const name = state_name(state);
    if (json_) {
        line("state", "", "", 0, "", {{"state", name}, {"capabilities", names(capabilities)}});
    } else {
        const std::lock_guard<std::mutex> lock(mutex_);
        write(fmt::format("{}", fmt::styled(name, colour(coloured_, state))));
    }
}

void Output::ready(ULONG state, const Capabilities& capabilities, ULONG client_token) {
    const char* const name = state_name(state);
    const auto types = names(capabilities);
    const auto list = types.empty() ? "nothing" : fmt::format("{}", fmt::join(types, " and "));
    line("ready", "ready", name, state, fmt::format("profile {}, notifies {}", profile_, list),
         {{"client_token", client_token}, {"state", name}, {"capabilities", types}});
}

void Output::notification(const StateChange& change) {
    const char* const phase = phase_name(change.phase);
    const char* const from = state_name(change.state_old);
    const char* const to = state_name(change.state_new);
    line("notification", phase, fmt::format("{} -> {}", from, to), change.state_new, "",
         {{"client_token", change.client_token}, {"phase", phase}, {"old", from}, {"new", to}});
}

void Output::unadvised(ULONG client_token) {
    line("unadvised", "unadvised", "", 0, "profile " + profile_, {{"client_token", client_token}}, true);
}

void Output::line(const char* event, const char* label, const std::string& what, ULONG state, const std::string& more,
                  const Json& fields, bool is_last) {
    const std::lock_guard<std::mutex> lock(mutex_); // in the order of the times
    if (json_) {
        Json object = {{"time", local_time_now()}, {"event", event}, {"profile", profile_}};
        object.update(fields);
        return write(dump(object), is_last);
    }
    const auto faint = coloured_ ? fmt::emphasis::faint : fmt::text_style();
    // As wide as the longest, STATECHANGE and offline -> online, with two blanks.
    write(fmt::format("{}  {:<13}{}{}", fmt::styled(local_time_now(), faint), label,
                      fmt::styled(fmt::format("{:<{}}", what, more.empty() ? 0 : 19), colour(coloured_, state)), more),
          is_last);
}

void Output::write(const std::string& line, bool is_last) {
    if (ended_) {
        return;
    }
    if (const std::optional<int> failure = print(line + "\n")) {
        ended_ = true;
        exit_code_ = *failure;
        on_failure_();
    }
    ended_ = ended_ || is_last;
}

} // namespace offline_state_samples
