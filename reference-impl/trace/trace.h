// The trace: which function was called, what it returned, and why it failed (TRACE-1 to TRACE-3). Also the one place
// where a C++ exception becomes an HRESULT.
#pragma once

#include <mapioffline_host.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#ifdef __GLIBCXX__
#include <cxxabi.h>
#endif

namespace offline_state {

/// A call's result and, on failure, the reason.
struct Outcome {
    HRESULT result = S_OK;
    const char* reason = nullptr;
};

/// Calls one of our own functions, unless the arguments have a fault. Exceptions become results.
/// @param fault What is wrong with the arguments, or null.
/// @param call Returns an Outcome, or nothing if it cannot fail.
template <class Call>
Outcome checked_call(const char* fault, Call call) {
    if (fault != nullptr) {
        return {E_INVALIDARG, fault};
    }
    try {
        if constexpr (std::is_void_v<decltype(call())>) {
            call();
            return {};
        } else {
            return call();
        }
    } catch (const std::bad_alloc&) {
        return {E_OUTOFMEMORY, "out of memory"};
    } catch (const std::system_error&) {
        return {E_OUTOFMEMORY, "the notification thread cannot be started"};
    }
}

/// Calls a function of the client's or the host's. Returns false if it threw an exception, which ends here. With
/// libstdc++ a thread that ends inside the function also passes as an exception: that one must go on (NOTIFY-10).
template <class Call>
#ifdef __GLIBCXX__
__attribute__((no_sanitize("null"))) // the reference to that exception refers to no object
#endif
inline bool contain(Call call) {
    try {
        call();
        return true;
#ifdef __GLIBCXX__
    } catch (const abi::__forced_unwind&) {
        throw;
#endif
    } catch (...) {
        return false;
    }
}

inline std::atomic<bool> sink_installed{false};

/// True while a sink is installed. Without one, this relaxed load is all that a call pays for the trace.
inline bool is_tracing() noexcept {
    return sink_installed.load(std::memory_order_relaxed);
}

/// Gives an event to the sink, with no lock held. An exception that the sink throws is dropped.
void trace(TraceEvent::Kind kind, const char* function, const std::string& arguments, Outcome outcome);

/// The same for a notification. Not inline, so that a notification without a trace stays cheap.
void trace_notification(TraceEvent::Kind kind, const MAPIOFFLINE_NOTIFY& notification, Outcome outcome);

/// "name=value", without addresses, so that every run gives the same text.
std::string argument(const char* name, std::uint32_t value);
inline std::string argument(const char* name, MAPIOFFLINE_NOTIFY_TYPE type) {
    return argument(name, static_cast<std::uint32_t>(type));
}
std::string argument(const char* name, const void* pointer);
std::string argument(const char* name, const ULONG* out); // the value it points to
std::string argument(const char* name, const GUID* guid); // its constant's name, or its number
std::string argument(const char* name, LPCWSTR text);

/// All arguments, separated by spaces. Empty without memory: a trace that lacks them is better than none.
template <class... Values>
std::string text_of(const std::array<const char*, sizeof...(Values)>& names, const Values&... values) {
    try {
        std::string all;
        [[maybe_unused]] auto name = names.begin();
        ((all += (all.empty() ? "" : " ") + argument(*name++, values)), ...);
        return all;
    } catch (const std::bad_alloc&) {
        return {};
    }
}

/// Traces a call that is about to return, and gives its result.
template <class... Values>
inline HRESULT traced(const char* function, Outcome outcome,
                      const std::array<const char*, sizeof...(Values)>& names = {}, const Values&... values) {
    if (is_tracing()) {
        trace(TraceEvent::Kind::call, function, text_of(names, values...), outcome);
    }
    return outcome.result;
}

} // namespace offline_state
