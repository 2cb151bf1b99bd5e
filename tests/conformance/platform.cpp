#include "platform.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

#ifdef _WIN32
#include <windows.h>

#include <filesystem>

#include <fcntl.h>
#include <io.h>
#include <process.h>
#else
#include <dlfcn.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace conformance {

namespace {

constexpr std::size_t longest_report = 4000; // a pipe takes it as a whole, so no process waits until it is read
constexpr const char* variable = "OFFLINE_STATE_CONFORMANCE_TEST"; // the test, and the pipe for the report

} // namespace

#ifdef _WIN32

Library::Library(const std::string& path) {
    const std::filesystem::path file = std::filesystem::absolute(std::filesystem::u8path(path));
    // Its own dependencies are looked for beside it, and not beside this program.
    handle_ = LoadLibraryExW(file.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (handle_ == nullptr) {
        throw std::runtime_error(std::system_category().message(static_cast<int>(GetLastError())));
    }
}

void* Library::find(const char* name) const {
    return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}

namespace {

constexpr auto read_from = _read;
constexpr auto write_to = _write;
constexpr auto close_end = _close;

int open_pipe(int (&ends)[2]) {
    return _pipe(ends, longest_report + 1, _O_BINARY);
}

void set_variable(const std::string& value) {
    _putenv_s(variable, value.c_str());
}

/// Gives how it ended, "" for with 0.
std::string run(char**, std::chrono::seconds limit) {
    wchar_t program[32768];
    GetModuleFileNameW(nullptr, program, 32768);
    std::intptr_t started = -1;
    for (int attempts = 3; started == -1; --attempts) { // under Wine one in some hundred does not start
        if (attempts == 0) {
            throw std::system_error(errno, std::generic_category(), "no process");
        }
        started = _wspawnl(_P_NOWAIT, program, GetCommandLineW(), nullptr);
    }
    const HANDLE process = reinterpret_cast<HANDLE>(started);
    const bool in_time = WaitForSingleObject(process, static_cast<DWORD>(limit.count() * 1000)) == WAIT_OBJECT_0;
    if (!in_time) {
        TerminateProcess(process, 1);
        WaitForSingleObject(process, INFINITE);
    }
    DWORD code = 0;
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    char text[32];
    std::snprintf(text, sizeof text, "ended with 0x%lX", code);
    return !in_time ? "had to be killed" : code != 0 ? text : "";
}

} // namespace

void prepare_process(std::chrono::seconds) { // who has started it kills it
    _dup2(2, 1);
}

#else

Library::Library(const std::string& path) {
    // With a slash it is a file, never a name to look for in the system's folders.
    const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) {
        throw std::runtime_error(dlerror());
    }
}

void* Library::find(const char* name) const {
    return dlsym(handle_, name);
}

namespace {

constexpr auto read_from = read;
constexpr auto write_to = write;
constexpr auto close_end = close;
constexpr auto open_pipe = pipe;

void set_variable(const std::string& value) {
    setenv(variable, value.c_str(), 1);
}

/// Gives how it ended, "" for with 0.
std::string run(char** argv, std::chrono::seconds) {
    pid_t child = 0;
    if (const int error = posix_spawnp(&child, argv[0], nullptr, nullptr, argv, environ)) {
        throw std::system_error(error, std::generic_category(), "no process");
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        return "was ended by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
    }
    return WEXITSTATUS(status) != 0 ? "ended with " + std::to_string(WEXITSTATUS(status)) : "";
}

} // namespace

void prepare_process(std::chrono::seconds limit) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    alarm(static_cast<unsigned>(limit.count()));
}

#endif

Ending run_this_program(char** argv, const std::string& test, std::chrono::seconds limit) {
    int ends[2];
    if (open_pipe(ends) != 0) {
        throw std::system_error(errno, std::generic_category(), "no pipe");
    }
    set_variable(test + ' ' + std::to_string(ends[1]));
    Ending ending;
    ending.fault = run(argv, limit);
    write_to(ends[1], "", 1); // ends the report, even if something that the library has started has the pipe too
    char byte = 0;
    while (read_from(ends[0], &byte, 1) == 1 && byte != '\0') {
        ending.report += byte;
    }
    close_end(ends[0]);
    close_end(ends[1]);
    return ending;
}

std::string test_to_run() {
    const char* const value = std::getenv(variable);
    return value != nullptr ? std::string(value, std::strcspn(value, " ")) : "";
}

void send_report(const std::string& report) {
    const int channel = static_cast<int>(std::strtol(std::strchr(std::getenv(variable), ' ') + 1, nullptr, 10));
    write_to(channel, report.c_str(), static_cast<unsigned>(std::min(report.size(), longest_report)));
}

} // namespace conformance
