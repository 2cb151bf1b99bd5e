// The trace: what is called, with what result, and why it failed (TRACE-1 to TRACE-3). Also the one place where
// a C++ exception becomes an HRESULT, since every entry point passes through it.
#pragma once

#include <mapioffline_host.h>

#include <atomic>
#include <cstdint>
#include <new>
#include <string>
#include <system_error>
#ifdef __GLIBCXX__
#include <cxxabi.h>
#endif

namespace offline_state {

/// What a call comes to: its result and, on failure, why.
struct Outcome {
    HRESULT result = S_OK;
    const char* reason = nullptr;
};

inline std::atomic<bool> sink_installed{false};

/// True while a sink is installed. One relaxed load: all that a call costs without one.
inline bool is_tracing() noexcept {
    return sink_installed.load(std::memory_order_relaxed);
}

/// Calls what is not ours. An exception that leaves it ends here: false. A thread that ends inside it ends, which with
/// libstdc++ passes as an exception that may not be kept (NOTIFY-10).
template <class Call>
#ifdef __GLIBCXX__
__attribute__((no_sanitize("null"))) // that exception is no object, so the reference below is one to nothing
#endif
bool contain(Call call) {
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

/// Gives the event to the sink, with no lock held. What the sink throws is dropped.
void trace(TraceEvent::Kind kind, const char* function, const std::string& arguments, Outcome outcome);

/// The same for a notification. Apart from where it is called, so that a notification without a trace stays cheap.
void trace_notification(TraceEvent::Kind kind, const MAPIOFFLINE_NOTIFY& notification, Outcome outcome);

/// "name=value", the value in a form that is the same in every run: no addresses.
std::string argument(const char* name, std::uint32_t value);
std::string argument(const char* name, const void* pointer);
std::string argument(const char* name, const ULONG* out); // what it points to
std::string argument(const char* name, const GUID* guid);
std::string argument(const char* name, LPCWSTR text);

/// An argument of a call, of which the trace makes text when the call is done.
template <class Type>
struct Argument {
    const char* name;
    Type value;
};
template <class Type>
Argument(const char*, Type) -> Argument<Type>;

/// All of them, with spaces between.
template <class... Types>
std::string text_of(const Argument<Types>&... each) {
    std::string all;
    ((all += (all.empty() ? "" : " ") + argument(each.name, each.value)), ...);
    return all;
}

/// Runs the body of an entry point: turns exceptions into results, and traces the call when it is done.
template <class Body, class... Types>
HRESULT traced_call(const char* function, Body body, const Argument<Types>&... arguments) {
    Outcome outcome;
    try {
        outcome = body();
    } catch (const std::bad_alloc&) {
        outcome = {E_OUTOFMEMORY, "no memory"};
    } catch (const std::system_error&) {
        outcome = {E_OUTOFMEMORY, "no thread to deliver notifications"};
    }
    if (is_tracing()) {
        std::string text;
        try {
            text = text_of(arguments...);
        } catch (const std::bad_alloc&) { // a trace that lacks the arguments is better than none
        }
        trace(TraceEvent::Kind::call, function, text, outcome);
    }
    return outcome.result;
}

} // namespace offline_state
