// SPDX-License-Identifier: MIT
#include "command_line.h"

#ifdef _WIN32
#include <windows.h>

#include <shellapi.h>
#endif

namespace offline_state_samples {

#ifdef _WIN32
std::vector<std::string> command_line(int, char**) {
    std::vector<std::string> arguments;
    int count = 0;
    LPWSTR* const wide = CommandLineToArgvW(GetCommandLineW(), &count);
    for (int i = 1; wide != nullptr && i < count; ++i) {
        const int size = WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, nullptr, 0, nullptr, nullptr);
        std::string text(static_cast<std::size_t>(size), '\0'); // with the null, which goes again
        WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, text.data(), size, nullptr, nullptr);
        text.pop_back();
        arguments.push_back(text);
    }
    LocalFree(wide);
    return arguments;
}
#else
std::vector<std::string> command_line(int argc, char** argv) {
    return {argv + 1, argv + argc};
}
#endif

} // namespace offline_state_samples
