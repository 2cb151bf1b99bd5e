// The cost of notifying N registrations of a change, for each of them.
#include "peers.h"

namespace {

template <class Peer>
void delivery(benchmark::State& state) {
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    Peer peer(callbacks);
    for (auto _ : state) {
        peer.deliver();
    }
    each(state, "seconds_each", Peer::rounds * callbacks.size());
}

/// Each registration has been replaced once, in random order, so the list is scattered in memory.
template <class Peer>
void delivery_after_churn(benchmark::State& state) {
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    Peer peer(callbacks);
    std::uint32_t random = 1;
    for (std::size_t i = 0; i < callbacks.size(); ++i) {
        peer.replace(next_random(random) % callbacks.size());
    }
    for (auto _ : state) {
        peer.deliver();
    }
    each(state, "seconds_each", Peer::rounds * callbacks.size());
}

void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(1)->Arg(100)->Arg(10'000)->Arg(100'000);
}

BENCHMARK_TEMPLATE(delivery, BareLoop)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery, Reference)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery, BoostSignals2)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery, LibSigc)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery, GSignal)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery, CopiedMap)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery, CopyOnWrite)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery_after_churn, Reference)->Apply(sizes);
BENCHMARK_TEMPLATE(delivery_after_churn, BoostSignals2)->Apply(sizes);

} // namespace
