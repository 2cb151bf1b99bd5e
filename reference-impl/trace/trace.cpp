#include "trace.h"

#include "lifetime.h"
#include "profile_name.h"
#include "trace_writer.h"

#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

namespace offline_state {
namespace {

using SinkPtr = std::shared_ptr<const TraceSink>;

SinkPtr pointer_to(TraceSink sink) {
    return sink ? std::make_shared<const TraceSink>(std::move(sink)) : nullptr;
}

struct InstalledSinks {
    std::mutex mutex;
    SinkPtr hosts;
    SinkPtr environments; // does not change after the library is loaded
};

/// Installs the writer that the environment asks for, when the library is loaded: no call has to look there.
bool install_environments() noexcept {
    return contain([] {
        SinkPtr& sink = process_wide<InstalledSinks>().environments;
        sink = pointer_to(trace_writer_of_environment());
        sink_installed = sink != nullptr;
    });
}

[[maybe_unused]] const bool is_installed = install_environments();

std::string hexadecimal(const char* format, std::uint32_t value) {
    char digits[16];
    std::snprintf(digits, sizeof digits, format, static_cast<unsigned>(value));
    return digits;
}

} // namespace

void set_trace_sink(TraceSink sink) {
    SinkPtr next = pointer_to(std::move(sink));
    InstalledSinks& installed = process_wide<InstalledSinks>();
    {
        const std::lock_guard lock(installed.mutex);
        installed.hosts.swap(next);
        sink_installed.store(installed.hosts || installed.environments, std::memory_order_relaxed);
    }
    // The previous sink is destroyed here, outside the lock, or by the last call that still uses it.
}

void trace(TraceEvent::Kind kind, const char* function, const std::string& arguments, Outcome outcome) {
    InstalledSinks& installed = process_wide<InstalledSinks>();
    std::unique_lock lock(installed.mutex);
    const SinkPtr hosts = installed.hosts;
    lock.unlock();
    for (const SinkPtr& sink : {installed.environments, hosts}) {
        if (sink) {
            contain([&] { // TRACE-3: whatever the sink throws
                (*sink)(TraceEvent{kind, function, arguments, outcome.result,
                                   outcome.reason != nullptr ? outcome.reason : ""});
            });
        }
    }
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
    if (guid == nullptr) {
        return argument(name, static_cast<const void*>(guid));
    }
    static const std::pair<GUID, const char*> known[] = {{GUID_GlobalState, "=GUID_GlobalState"},
                                                         {__uuidof(IUnknown), "=IID_IUnknown"},
                                                         {IID_IMAPIOffline, "=IID_IMAPIOffline"},
                                                         {IID_IMAPIOfflineMgr, "=IID_IMAPIOfflineMgr"},
                                                         {IID_IMAPIOfflineNotify, "=IID_IMAPIOfflineNotify"}};
    for (const auto& [value, text] : known) {
        if (*guid == value) {
            return std::string(name) + text;
        }
    }
    const unsigned char (&last)[8] = guid->Data4;
    char text[48];
    std::snprintf(text, sizeof text, "={%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
                  static_cast<unsigned>(guid->Data1), guid->Data2, guid->Data3, last[0], last[1], last[2], last[3],
                  last[4], last[5], last[6], last[7]);
    return std::string(name) + text;
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
