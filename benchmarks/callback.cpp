#include "callback.h"

#include <malloc.h>
#include <sched.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

HRESULT Callback::QueryInterface(REFIID /*riid*/, void** ppvObject) {
    AddRef();
    *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
    return S_OK;
}

ULONG Callback::AddRef() {
    return ++references_;
}

ULONG Callback::Release() {
    return --references_;
}

void Callback::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    sum_ += pNotifyInfo->NotifyType;
}

/// Gives the process a second thread: with a single one, libraries skip what makes them safe with threads.
static void keep_a_second_thread() {
    static const auto& thread = *new std::thread([] {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable().wait(lock, [] { return false; });
    });
    require(thread.joinable());
}

Callbacks::Callbacks(std::size_t n) : callbacks_(n) {
    keep_a_second_thread();
    for (Callback& callback : callbacks_) {
        pointers_.push_back(&callback);
    }
}

ULONG advise(IMAPIOfflineMgr& object, IMAPIOfflineNotify* callback) {
    MAPIOFFLINE_ADVISEINFO info{
        sizeof info,          1, MAPIOFFLINE_CALLBACK_TYPE_NOTIFY, callback, MAPIOFFLINE_ADVISE_TYPE_STATECHANGE,
        MAPIOFFLINE_STATE_ALL};
    ULONG token = 0;
    require(object.Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token) == S_OK);
    return token;
}

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

std::uint32_t next_random(std::uint32_t& state) {
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
    return state;
}

std::size_t heap_in_use() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void pin_to(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(processor), &set);
    require(sched_setaffinity(0, sizeof set, &set) == 0);
}

void unpin() {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
        CPU_SET(i, &set);
    }
    require(sched_setaffinity(0, sizeof set, &set) == 0);
}

void each(benchmark::State& state, const char* name, std::size_t count) {
    state.counters[name] = benchmark::Counter(
        static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
