// The cost of replacing a registration: the time of a pair of calls, the longest single call, the memory.
#include "peers.h"

#include <algorithm>
#include <ctime>

namespace {

/// Replaces a random one of N registrations.
template <class Peer>
void replace(benchmark::State& state) {
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    Peer peer(callbacks);
    std::uint32_t random = 1;
    for (auto _ : state) {
        peer.replace(next_random(random) % callbacks.size());
    }
    each(state, "seconds_each", 1);
}

double thread_seconds() {
    timespec time{};
    require(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0); // not the time of other processes
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// The longest of all calls: from 0 to N registrations, then N replacements of a random one. The same calls run several
/// times: a call that is long by itself is long each time, one that was interrupted is not.
void longest_call(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const Callbacks callbacks(n);
    std::vector<double> shortest(3 * n, 1);
    std::vector<ULONG> tokens(n);
    for (auto _ : state) {
        for (int time = 0; time < 5; ++time) {
            std::size_t calls = 0;
            const auto timed = [&](auto call) {
                const double begin = thread_seconds();
                call();
                shortest[calls] = std::min(shortest[calls], thread_seconds() - begin);
                ++calls;
            };
            const offline_state::Host host(L"Benchmark");
            for (std::size_t i = 0; i < n; ++i) {
                timed([&] { tokens[i] = advise(*host.object(), callbacks[i]); });
            }
            std::uint32_t random = 1;
            for (std::size_t count = 0; count < n; ++count) {
                const std::size_t i = next_random(random) % n;
                timed([&] { host.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, tokens[i]); });
                timed([&] { tokens[i] = advise(*host.object(), callbacks[i]); });
            }
        }
    }
    state.counters["seconds_longest"] = *std::max_element(shortest.begin(), shortest.end());
}

/// The growth of the heap with N registrations, without what the caller keeps.
template <class Peer, std::size_t kept>
void memory(benchmark::State& state) {
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) {
        const std::size_t before = heap_in_use();
        const Peer peer(callbacks);
        bytes = heap_in_use() - before;
    }
    // The caller keeps the tokens in a vector that has grown by doubling.
    std::size_t capacity = 1;
    while (capacity < callbacks.size()) {
        capacity *= 2;
    }
    state.counters["bytes_each"] =
        (static_cast<double>(bytes) - static_cast<double>(capacity * kept)) / static_cast<double>(callbacks.size());
}

void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(1)->Arg(100)->Arg(10'000)->Arg(100'000);
}

BENCHMARK_TEMPLATE(replace, BareLoop)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, SlotMap)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, Reference)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, BoostSignals2)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, LibSigc)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, GSignal)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, CopiedMap)->Apply(sizes);
BENCHMARK_TEMPLATE(replace, CopyOnWrite)->Apply(sizes);

BENCHMARK(longest_call)->Arg(100'000)->Unit(benchmark::kMillisecond);

BENCHMARK_TEMPLATE(memory, Reference, sizeof(ULONG))->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(memory, BoostSignals2, sizeof(boost::signals2::connection))
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(memory, LibSigc, sizeof(sigc::connection))->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(memory, GSignal, sizeof(gulong))->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(memory, CopiedMap, sizeof(ULONG))->Arg(100'000)->Unit(benchmark::kMillisecond);

} // namespace
