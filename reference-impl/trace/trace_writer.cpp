#include "trace_writer.h"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>
#ifdef _WIN32
#include <windows.h>
#endif

namespace offline_state {

namespace {

#ifdef _WIN32
#define OFFLINE_STATE_TEXT(text) L##text
#define OFFLINE_STATE_FORMAT "%ls" // of SystemText
std::FILE* open_to_append(const SystemText& path) {
    return _wfopen(path.c_str(), L"ab");
}
#else
#define OFFLINE_STATE_TEXT(text) text
#define OFFLINE_STATE_FORMAT "%s"
std::FILE* open_to_append(const SystemText& path) {
    return std::fopen(path.c_str(), "abe"); // e: no child inherits it
}
#endif

/// A short number: the threads are counted as they first write a line.
unsigned number_of_this_thread() {
    static std::atomic<unsigned> last{0};
    thread_local const unsigned number = ++last;
    return number;
}

std::string text_of_result(const TraceEvent& event) {
    if (event.kind != TraceEvent::Kind::call) {
        return "";
    }
    static constexpr struct {
        HRESULT result;
        const char* name;
    } names[] = {
        {S_OK, "S_OK"},
        {E_FAIL, "E_FAIL"},
        {E_INVALIDARG, "E_INVALIDARG"},
        {E_NOINTERFACE, "E_NOINTERFACE"},
        {E_NOTIMPL, "E_NOTIMPL"},
        {E_OUTOFMEMORY, "E_OUTOFMEMORY"},
        {E_PENDING, "E_PENDING"},
        {E_POINTER, "E_POINTER"},
        {MAPI_E_NOT_FOUND, "MAPI_E_NOT_FOUND"},
    };
    const std::string function = event.function;
    if (function == "IUnknown::AddRef" || function == "IUnknown::Release") {
        return std::to_string(static_cast<std::uint32_t>(event.result)); // a count
    }
    for (const auto& [result, name] : names) {
        if (result == event.result) {
            return name;
        }
    }
    char digits[16];
    std::snprintf(digits, sizeof digits, "0x%08X", static_cast<unsigned>(event.result));
    return digits;
}

/// The arguments come last, for they are long.
std::string text_line(const TraceEvent& event) {
    const std::string result = text_of_result(event);
    std::string line = "[" + std::to_string(number_of_this_thread()) + "] " + event.function;
    line += (result.empty() ? "" : " = ") + result + (event.reason.empty() ? "" : ": ") + event.reason;
    return line + (event.arguments.empty() ? "" : " (" + event.arguments + ")") + '\n';
}

/// Arguments and reasons are ASCII without control characters.
std::string json_text(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        quoted.append(c == '"' || c == '\\' ? "\\" : "").append(1, c);
    }
    return quoted + '"';
}

std::string json_line(const TraceEvent& event) {
    static constexpr const char* kinds[] = {"call", "notification", "exception", "overdue"};
    std::string line = R"({"thread": )" + std::to_string(number_of_this_thread());
    line += R"(, "kind": )" + json_text(kinds[static_cast<int>(event.kind)]);
    line += R"(, "function": )" + json_text(event.function) + R"(, "arguments": )" + json_text(event.arguments);
    line += R"(, "result": )" + json_text(text_of_result(event)) + R"(, "reason": )" + json_text(event.reason);
    return line + "}\n";
}

struct Writer {
    std::mutex mutex;
    SystemText destination;
    bool has_failed = false;

    /// The file is open for one line only: nothing is lost when the process ends, and nothing of it is left open when
    /// the library is unloaded.
    void write(const std::string& line) {
        const std::lock_guard lock(mutex);
        if (has_failed) {
            return;
        }
        if (destination == OFFLINE_STATE_TEXT("stderr")) {
            std::fputs(line.c_str(), stderr);
            return;
        }
        std::FILE* const file = open_to_append(destination);
        const bool is_put = file != nullptr && std::fputs(line.c_str(), file) >= 0;
        has_failed = file == nullptr || std::fclose(file) != 0 || !is_put;
        if (has_failed) {
            std::fprintf(stderr, "OFFLINE_STATE_TRACE: " OFFLINE_STATE_FORMAT ": %s. There is no trace.\n",
                         destination.c_str(), std::strerror(errno));
        }
    }
};

#ifdef _WIN32

/// Whether User Account Control has given the process more rights than its user's other programs have. Without it, as
/// under Wine, the token says nothing.
bool is_elevated() {
    DWORD is_on = 0;
    DWORD size_of_it = sizeof is_on;
    RegGetValueW(HKEY_LOCAL_MACHINE, L"Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System", L"EnableLUA",
                 RRF_RT_REG_DWORD, nullptr, &is_on, &size_of_it);
    if (is_on == 0) {
        return false;
    }
    HANDLE token = nullptr;
    TOKEN_ELEVATION_TYPE type = TokenElevationTypeFull;
    DWORD size = sizeof type;
    if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) != FALSE) {
        GetTokenInformation(token, TokenElevationType, &type, size, &size);
        CloseHandle(token);
    }
    return type == TokenElevationTypeFull;
}

SystemText destination_of_environment() {
    SystemText text(32'768, L'\0'); // no variable is longer
    text.resize(GetEnvironmentVariableW(L"OFFLINE_STATE_TRACE", text.data(), static_cast<DWORD>(text.size())));
    return text.empty() || is_elevated() ? SystemText() : text;
}

#else

SystemText destination_of_environment() {
    const char* const text = secure_getenv("OFFLINE_STATE_TRACE"); // null in a program that is set-uid
    return text != nullptr ? text : "";
}

#endif

} // namespace

TraceSink trace_writer(SystemText destination) {
    const SystemText suffix = OFFLINE_STATE_TEXT(".jsonl");
    const bool is_json = destination.size() >= suffix.size() &&
                         destination.compare(destination.size() - suffix.size(), suffix.size(), suffix) == 0;
    const auto writer = std::make_shared<Writer>();
    writer->destination = std::move(destination);
    return [writer, is_json](const TraceEvent& event) { writer->write(is_json ? json_line(event) : text_line(event)); };
}

TraceSink trace_writer_of_environment() {
    SystemText destination = destination_of_environment();
    return destination.empty() ? TraceSink() : trace_writer(std::move(destination));
}

} // namespace offline_state
