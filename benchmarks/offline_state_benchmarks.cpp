// What the reference costs, beside a bare loop of virtual calls in the same run. Read the ratios, not the times.
#include <mapioffline.h>
#include <mapioffline_host.h>

#include <wrl/client.h>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

using Microsoft::WRL::ComPtr;

/// Does as little as a callback can. Its references are not counted: it outlives its registrations.
class Counter final : public IMAPIOfflineNotify {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void** ppvObject) override {
        *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 1; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override {
        sum_ += pNotifyInfo->ulClientToken;
    }

private:
    std::uint64_t sum_ = 0;
};

constexpr LPCWSTR profile = L"Benchmark";

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

ULONG advise(IMAPIOfflineMgr* object, IUnknown* callback) {
    MAPIOFFLINE_ADVISEINFO info{
        sizeof info,          1, MAPIOFFLINE_CALLBACK_TYPE_NOTIFY, callback, MAPIOFFLINE_ADVISE_TYPE_STATECHANGE,
        MAPIOFFLINE_STATE_ALL};
    ULONG token = 0;
    require(object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token) == S_OK);
    return token;
}

/// An object with n registrations of n callbacks.
class Registered {
public:
    explicit Registered(std::size_t n) : callbacks_(n), host_(profile) {
        for (Counter& callback : callbacks_) {
            tokens_.push_back(advise(host_.object(), &callback));
        }
    }
    ~Registered() {
        for (const ULONG token : tokens_) {
            host_.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        }
    }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

    offline_state::Host& host() { return host_; }

private:
    std::vector<Counter> callbacks_;
    offline_state::Host host_;
    std::vector<ULONG> tokens_;
};

void per_callback(benchmark::State& state, std::size_t callbacks) {
    state.counters["per_callback"] = benchmark::Counter(
        static_cast<double>(callbacks), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// The limit: one phase for n callbacks and nothing else.
void bare_loop(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    std::vector<Counter> counters(n);
    std::vector<IMAPIOfflineNotify*> callbacks;
    for (Counter& counter : counters) {
        callbacks.push_back(&counter);
    }
    MAPIOFFLINE_NOTIFY notification{};
    for (auto _ : state) {
        for (IMAPIOfflineNotify* callback : callbacks) {
            callback->Notify(&notification);
            benchmark::ClobberMemory();
        }
    }
    per_callback(state, n);
}

/// A change, three phases for n registrations, on this thread.
void delivery(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    offline_state::ManualDispatcher dispatcher;
    Registered registered(n);
    bool offline = false;
    for (auto _ : state) {
        offline = !offline;
        require(registered.host().work_offline(offline, MAPIOFFLINE_FLAG_DEFAULT) == S_OK);
        require(dispatcher.deliver_all() == 3);
    }
    per_callback(state, 3 * n);
}

/// Advise and Unadvise of one more, beside n registrations.
void advise_and_unadvise(benchmark::State& state) {
    Registered registered(static_cast<std::size_t>(state.range(0)));
    Counter callback;
    IMAPIOfflineMgr* const object = registered.host().object();
    for (auto _ : state) {
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, advise(object, &callback));
    }
}

/// The limit of it: a push and a pop.
void vector_push_and_pop(benchmark::State& state) {
    std::vector<IMAPIOfflineNotify*> callbacks(static_cast<std::size_t>(state.range(0)));
    Counter callback;
    for (auto _ : state) {
        callbacks.push_back(&callback);
        benchmark::ClobberMemory();
        callbacks.pop_back();
    }
}

/// A change that the caller waits for: three phases on the notification thread, and back.
void blocking_change(benchmark::State& state) {
    Registered registered(static_cast<std::size_t>(state.range(0)));
    bool offline = false;
    for (auto _ : state) {
        offline = !offline;
        require(registered.host().work_offline(offline, MAPIOFFLINE_FLAG_BLOCK) == S_OK);
    }
}

BENCHMARK(bare_loop)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK(delivery)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK(vector_push_and_pop)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK(advise_and_unadvise)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK(blocking_change)->Arg(1)->Arg(100)->Arg(10'000)->UseRealTime();

} // namespace
