// SPDX-License-Identifier: MIT
#include "options.h"

#include "output.h"
#include "utf8.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#ifndef OFFLINE_STATE_VERSION
#define OFFLINE_STATE_VERSION "unknown"
#endif

namespace offline_state_samples {

namespace {

constexpr std::size_t longest_profile_name = 64; // MAPI's cchProfileNameMax

/// CLI11's validator: an empty string when the name will do, else the sentence.
std::string check_profile(const std::string& profile) {
    const std::optional<std::wstring> wide = wide_from_utf8(profile);
    if (!wide) {
        return "a profile's name must be valid UTF-8.";
    }
    if (wide->empty()) {
        return "a profile's name must not be empty.";
    }
    if (wide->size() > longest_profile_name) {
        return "a profile's name has at most 64 characters, this one has " + std::to_string(wide->size()) + ".";
    }
    if (std::any_of(wide->begin(), wide->end(), [](wchar_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); })) {
        return "a profile's name must not contain control characters.";
    }
    return {};
}

int print(const std::string& text) {
    if (write_line(text) || errno == EPIPE) {
        return 0;
    }
    tell(std::string("cannot write to standard output: ") + std::strerror(errno));
    return 1;
}

/// A sentence that names what is wrong, then the usage.
int wrong(CLI::App& app, const std::string& sentence) {
    tell(sentence);
    app.description({});
    std::fprintf(stderr, "\n%s", app.help().c_str());
    return 2;
}

} // namespace

std::optional<int> parse_options(const std::vector<std::string>& arguments, Options& options) {
    CLI::App app("Prints each change of the connection state that the Offline State API notifies.\n"
                 "Plays Outlook's part with the state of this machine's network: no default route means offline.",
                 "offline_state_monitor");
    app.add_option("--profile", options.profile, "The profile to monitor, 1 to 64 characters (default: Outlook)")
        ->type_name("NAME")
        ->take_last()
        ->check(CLI::Validator(check_profile, ""));
    app.add_flag("--json", options.json, "Print JSON, one object a line")->disable_flag_override();
    app.add_flag("--once", options.once, "Print the current state and exit")->disable_flag_override();
    app.add_flag("--interactive", options.interactive, "Read offline, online and quit from standard input instead")
        ->disable_flag_override();
    app.set_help_flag("-h,--help", "Print this help and exit");
    app.set_version_flag("--version", "offline_state_monitor " OFFLINE_STATE_VERSION, "Print the version and exit");
    app.allow_extras(); // Reported below, in our words.

    if (std::find(arguments.begin(), arguments.end(), "--profile=") != arguments.end()) {
        return wrong(app, "--profile: " + check_profile("")); // CLI11 would take the next argument for the name.
    }
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend())); // It takes them from the back.
    } catch (const CLI::CallForHelp&) {
        return print(app.help());
    } catch (const CLI::CallForVersion&) {
        return print(app.version() + "\n");
    } catch (const CLI::ArgumentMismatch& error) { // "--profile: ... missing", "json was given a disallowed ..."
        const std::string message = error.what();
        return wrong(app, message.compare(0, 2, "--") == 0
                              ? message.substr(0, message.find(':')) + " needs a value."
                              : "--" + message.substr(0, message.find(' ')) + " takes no value.");
    } catch (const CLI::ParseError& error) {
        return wrong(app, error.what());
    }
    for (const std::string& extra : app.remaining()) {
        return wrong(app, extra.compare(0, 1, "-") == 0 ? quoted(extra) + " is not an option."
                                                        : quoted(extra) + " is not expected: there are only options.");
    }
    options.wide_profile = wide_from_utf8(options.profile).value_or(L""); // Valid: check_profile has seen it.
    return std::nullopt;
}

} // namespace offline_state_samples
