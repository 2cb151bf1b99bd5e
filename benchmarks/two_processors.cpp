// Deliveries on one processor while another replaces registrations without pause.
#include "peers.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace {

template <class Peer>
void deliver_and_replace(benchmark::State& state) {
    static_assert(Peer::is_thread_safe);
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    Peer peer(callbacks);
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> pairs{0};
    pin_to(1);
    std::thread thread([&] {
        std::uint32_t random = 1;
        while (!stop) {
            peer.replace(next_random(random) % callbacks.size());
            pairs.store(pairs.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        }
    });
    pin_to(0);
    std::uint64_t deliveries = 0;
    const std::uint64_t pairs_before = pairs;
    const auto begin = std::chrono::steady_clock::now();
    for (auto _ : state) {
        peer.deliver();
        ++deliveries;
    }
    const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - begin;
    const auto replaced = static_cast<double>(pairs - pairs_before);
    stop = true;
    thread.join();
    unpin();
    state.counters["callbacks_per_second"] =
        static_cast<double>(deliveries * Peer::rounds * callbacks.size()) / duration.count();
    state.counters["seconds_each_pair"] = duration.count() / replaced;
}

void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(1)->Arg(100)->Arg(10'000)->Arg(100'000)->UseRealTime();
}

BENCHMARK_TEMPLATE(deliver_and_replace, Reference)->Apply(sizes);
BENCHMARK_TEMPLATE(deliver_and_replace, BoostSignals2)->Apply(sizes);
BENCHMARK_TEMPLATE(deliver_and_replace, CopiedMap)->Apply(sizes);
BENCHMARK_TEMPLATE(deliver_and_replace, CopyOnWrite)->Arg(1)->Arg(100)->Arg(10'000)->UseRealTime();

} // namespace
