#include "trace.h"

#include "lifetime.h"
#include "profile_name.h"

#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

namespace offline_state {
namespace {

struct InstalledSink {
    std::mutex mutex;
    std::shared_ptr<const TraceSink> sink;
};

std::string hexadecimal(const char* format, std::uint32_t value) {
    char digits[16];
    std::snprintf(digits, sizeof digits, format, static_cast<unsigned>(value));
    return digits;
}

} // namespace

void set_trace_sink(TraceSink sink) {
    auto next = sink ? std::make_shared<const TraceSink>(std::move(sink)) : nullptr;
    InstalledSink& installed = process_wide<InstalledSink>();
    {
        const std::lock_guard lock(installed.mutex);
        installed.sink.swap(next);
        sink_installed.store(installed.sink != nullptr, std::memory_order_relaxed);
    }
    // The previous sink is destroyed here, outside the lock, or by the last call that still uses it.
}

void trace(TraceEvent::Kind kind, const char* function, const std::string& arguments, Outcome outcome) {
    contain([&] { // TRACE-3: whatever the sink throws
        InstalledSink& installed = process_wide<InstalledSink>();
        std::unique_lock lock(installed.mutex);
        const std::shared_ptr<const TraceSink> sink = installed.sink;
        lock.unlock();
        if (sink) {
            (*sink)(
                TraceEvent{kind, function, arguments, outcome.result, outcome.reason != nullptr ? outcome.reason : ""});
        }
    });
}

void trace_notification(TraceEvent::Kind kind, const MAPIOFFLINE_NOTIFY& notification, Outcome outcome) {
    const auto& change = notification.Info.StateChange;
    trace(kind, "IMAPIOfflineNotify::Notify",
          text_of({"NotifyType", "ulClientToken", "ulMask", "ulStateOld", "ulStateNew"}, notification.NotifyType,
                  notification.ulClientToken, change.ulMask, change.ulStateOld, change.ulStateNew),
          outcome);
}

std::string argument(const char* name, std::uint32_t value) {
    return name + hexadecimal("=0x%x", value);
}

std::string argument(const char* name, const void* pointer) {
    return std::string(name) + (pointer != nullptr ? "=set" : "=null");
}

std::string argument(const char* name, const ULONG* out) {
    return out != nullptr ? '*' + argument(name, *out) : argument(name, static_cast<const void*>(out));
}

std::string argument(const char* name, const GUID* guid) {
    const bool is_global = guid != nullptr && *guid == GUID_GlobalState;
    return is_global ? std::string(name) + "=GUID_GlobalState" : argument(name, static_cast<const void*>(guid));
}

std::string argument(const char* name, LPCWSTR text) {
    if (text == nullptr) {
        return argument(name, static_cast<const void*>(nullptr));
    }
    std::string printable = std::string(name) + "=\"";
    const std::size_t length = profile_name_length(text);
    for (std::size_t i = 0; i < length; ++i) {
        const auto character = static_cast<std::uint32_t>(text[i]);
        const bool plain = character >= 0x20 && character < 0x7f && character != '"' && character != '\\';
        printable += plain ? std::string(1, static_cast<char>(character)) : hexadecimal("\\u{%x}", character);
    }
    return printable + (length > max_profile_name_length ? "...\"" : "\"");
}

} // namespace offline_state
