// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cwchar>
#include <locale>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#ifdef _WIN32
#include <windows.h>

#include <filesystem>
#include <io.h>
#include <shellapi.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace offline_state_samples {

/// Call this first in main(). Afterwards a write that nobody reads fails and does not end the process, and a file that
/// is opened never gets the number of a standard stream that our parent has closed.
inline void prepare_standard_streams() {
#ifdef _WIN32
    SetConsoleOutputCP(CP_UTF8);
    const HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD mode = 0;
    GetConsoleMode(console, &mode);
    if (SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) == FALSE) {
        _putenv("NO_COLOR=1"); // an old console
    }
#else
    std::signal(SIGPIPE, SIG_IGN);
    for (int stream = 0; stream <= 2; ++stream) {
        if (fcntl(stream, F_GETFD) == -1) {
            // It gets the lowest free number, this one. Read-only, so that a write fails and does not vanish.
            static_cast<void>(open("/dev/null", O_RDONLY));
        }
    }
#endif
}

/// The arguments in UTF-8, without the program's name. (On Windows argv has them in an older encoding.)
inline std::vector<std::string> command_line([[maybe_unused]] int argc, [[maybe_unused]] char** argv) {
#ifdef _WIN32
    std::vector<std::string> arguments;
    LPWSTR* const wide = CommandLineToArgvW(GetCommandLineW(), &argc);
    for (int i = 1; i < argc; ++i) {
        arguments.push_back(std::filesystem::path(wide[i]).u8string()); // converts to UTF-8
    }
    LocalFree(wide);
    return arguments;
#else
    return {argv + 1, argv + argc};
#endif
}

/// True when a person sees and answers a prompt on standard error.
inline bool can_prompt() {
    return isatty(0) != 0 && isatty(2) != 0;
}

/// True when standard output is a terminal that shows colours, and its user has not set NO_COLOR.
inline bool output_is_coloured() {
    const auto variable = [](const char* name) {
        const char* const value = std::getenv(name);
        return std::string_view(value == nullptr ? "" : value);
    };
    return isatty(1) != 0 && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
}

/// The text in wide characters, as MAPI takes it (UTF-16 on Windows, else UTF-32). Nothing when it is not valid UTF-8.
inline std::optional<std::wstring> wide_from_utf8(const std::string& text) {
    using Unit = std::conditional_t<sizeof(wchar_t) == 2, char16_t, char32_t>;
    const auto& utf8 = std::use_facet<std::codecvt<Unit, char, std::mbstate_t>>(std::locale::classic());
    std::vector<Unit> wide(text.size());
    std::mbstate_t state{};
    const char* const end = text.data() + text.size();
    const char* read = nullptr;
    Unit* written = nullptr;
    const auto result = utf8.in(state, text.data(), end, read, wide.data(), wide.data() + wide.size(), written);
    // Surrogates begin with these bytes. They are not valid, but libstdc++ 12 takes them.
    const auto is_surrogate = [](char one, char two) {
        return one == '\xED' && static_cast<unsigned char>(two) >= 0xA0;
    };
    const bool is_valid =
        result == std::codecvt_base::ok && std::adjacent_find(text.begin(), text.end(), is_surrogate) == text.end();
    return is_valid ? std::optional(std::wstring(wide.data(), written)) : std::nullopt;
}

} // namespace offline_state_samples
