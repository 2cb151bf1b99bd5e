// SPDX-License-Identifier: MIT
#include "standard_streams.h"

#include <csignal>
#include <cstdlib>
#include <cstring>

#ifdef _WIN32
#include <windows.h>

#include <io.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace offline_state_samples {

void prepare_standard_streams() {
#ifdef _WIN32
    SetConsoleOutputCP(CP_UTF8);
#else
    std::signal(SIGPIPE, SIG_IGN);
    for (int stream = 0; stream <= 2; ++stream) {
        if (fcntl(stream, F_GETFD) == -1) {
            // It gets the lowest free number, this one. For reading only: a write must fail, not vanish.
            static_cast<void>(open("/dev/null", O_RDONLY));
        }
    }
#endif
}

namespace {

/// A terminal does; a console of Windows has to be asked to, and an old one cannot.
bool console_takes_colours() {
#ifdef _WIN32
    const HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD mode = 0;
    return GetConsoleMode(console, &mode) != FALSE &&
           SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != FALSE;
#else
    return true;
#endif
}

} // namespace

bool is_terminal(Stream stream) {
#ifdef _WIN32
    return _isatty(static_cast<int>(stream)) != 0;
#else
    return isatty(static_cast<int>(stream)) != 0;
#endif
}

bool output_is_coloured() {
    const char* const no_color = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return is_terminal(Stream::output) && console_takes_colours() && (no_color == nullptr || *no_color == '\0') &&
           (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

} // namespace offline_state_samples
