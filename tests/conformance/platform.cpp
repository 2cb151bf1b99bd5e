#include "platform.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

#ifdef _WIN32
#include <windows.h>

#include <filesystem>
#else
#include <cerrno>
#include <csignal>

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace conformance {

#ifdef _WIN32

namespace {

std::string last_error() {
    return std::system_category().message(static_cast<int>(GetLastError()));
}

/// One argument as CommandLineToArgvW reads it: a backslash counts only before a quotation mark.
std::wstring quoted(const std::wstring& argument) {
    std::wstring text = L"\"";
    std::size_t backslashes = 0;
    for (const wchar_t c : argument) {
        if (c == L'"') {
            text.append(backslashes + 1, L'\\');
        }
        backslashes = c == L'\\' ? backslashes + 1 : 0;
        text += c;
    }
    return text.append(backslashes, L'\\') + L'"';
}

struct Handle {
    HANDLE value = nullptr;
    ~Handle() { close(); }
    void close() {
        if (value != nullptr) {
            CloseHandle(value);
            value = nullptr;
        }
    }
};

} // namespace

Library::Library(const std::string& path) {
    const std::filesystem::path file = std::filesystem::absolute(std::filesystem::u8path(path));
    // Its own dependencies are looked for beside it, and not beside this program.
    handle_ = LoadLibraryExW(file.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (handle_ == nullptr) {
        throw std::runtime_error(last_error());
    }
}

void* Library::find(const char* name) const {
    return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}

Ending run_this_program(const char*, std::vector<std::string> arguments, std::chrono::seconds limit) {
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    Handle read;
    Handle write;
    if (CreatePipe(&read.value, &write.value, &inherited, 0) == FALSE ||
        SetHandleInformation(read.value, HANDLE_FLAG_INHERIT, 0) == FALSE) {
        throw std::runtime_error("no pipe: " + last_error());
    }
    arguments.push_back(std::to_string(reinterpret_cast<std::uintptr_t>(write.value)));
    wchar_t program[32768];
    GetModuleFileNameW(nullptr, program, 32768);
    std::wstring line = quoted(program);
    for (const std::string& argument : arguments) {
        line += L' ' + quoted(std::filesystem::u8path(argument).wstring());
    }
    STARTUPINFOW startup{};
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdOutput = startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION process{};
    for (int attempts = 3; CreateProcessW(program, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup,
                                          &process) == FALSE;) {
        if (--attempts == 0) { // under Wine one in some hundred does not start
            throw std::runtime_error("no process: " + last_error());
        }
    }
    const Handle thread{process.hThread};
    const Handle running{process.hProcess};
    write.close();
    Ending ending;
    if (WaitForSingleObject(running.value, static_cast<DWORD>(limit.count() * 1000)) != WAIT_OBJECT_0) {
        TerminateProcess(running.value, 1);
        WaitForSingleObject(running.value, INFINITE);
        ending.fault = "had to be killed";
    }
    // A report is smaller than a pipe, so nobody has waited for it to be read.
    char buffer[4096];
    DWORD count = 0;
    while (ReadFile(read.value, buffer, sizeof buffer, &count, nullptr) != FALSE && count != 0) {
        ending.report.append(buffer, count);
    }
    DWORD code = 0;
    GetExitCodeProcess(running.value, &code);
    if (ending.fault.empty() && code != 0) {
        char text[32];
        std::snprintf(text, sizeof text, "ended with 0x%lX", code);
        ending.fault = text;
    }
    return ending;
}

void send_report(const std::string& channel, const std::string& report) {
    DWORD count = 0;
    WriteFile(reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(std::stoull(channel))), report.data(),
              static_cast<DWORD>(report.size()), &count, nullptr);
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

[[noreturn]] void fail(const char* what, int error) {
    throw std::system_error(error, std::generic_category(), what);
}

/// Everything that comes from `channel`, or what came until the time was over.
std::string read_all(int channel, std::chrono::steady_clock::time_point end) {
    std::string text;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd wanted{channel, POLLIN, 0};
        const int ready = poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        char buffer[4096];
        const ssize_t count = ready > 0 ? read(channel, buffer, sizeof buffer) : 0;
        if (count <= 0) {
            return text;
        }
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

} // namespace

Ending run_this_program(const char* argv0, std::vector<std::string> arguments, std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    int channel[2];
    if (pipe(channel) != 0) {
        fail("pipe", errno);
    }
    fcntl(channel[0], F_SETFD, FD_CLOEXEC);
    arguments.insert(arguments.begin(), argv0);
    arguments.push_back(std::to_string(channel[1]));
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    pid_t child = 0;
    const int error = posix_spawnp(&child, argv0, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(channel[1]);
    if (error != 0) {
        close(channel[0]);
        fail("posix_spawnp", error);
    }
    Ending ending;
    ending.report = read_all(channel[0], end);
    close(channel[0]);
    if (std::chrono::steady_clock::now() >= end) {
        kill(child, SIGKILL);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        ending.fault = "was ended by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
    } else if (WEXITSTATUS(status) != 0) {
        ending.fault = "ended with " + std::to_string(WEXITSTATUS(status));
    }
    return ending;
}

void send_report(const std::string& channel, const std::string& report) {
    std::size_t sent = 0;
    while (sent < report.size()) {
        const ssize_t count = write(std::stoi(channel), report.data() + sent, report.size() - sent);
        if (count <= 0) {
            return; // nobody is there to be told
        }
        sent += static_cast<std::size_t>(count);
    }
}

#endif

} // namespace conformance
