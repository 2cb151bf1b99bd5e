// The cost of a change with a waiting caller, beside the least it can cost: a queue with a condition variable and the
// bare loop behind it, three times because a change has three phases. Both on the same processors.
#include "peers.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>

namespace {

class BareQueue {
public:
    BareQueue() : thread_([this] { work(); }) {}
    ~BareQueue() {
        call([this] { stop_ = true; });
        thread_.join();
    }
    BareQueue(const BareQueue&) = delete;
    BareQueue& operator=(const BareQueue&) = delete;

    /// Returns when the thread has finished.
    void call(std::function<void()> job) {
        std::unique_lock lock(mutex_);
        bool done = false;
        jobs_.push_back({std::move(job), &done});
        changed_.notify_one();
        done_.wait(lock, [&done] { return done; });
    }

private:
    struct Job {
        std::function<void()> run;
        bool* done;
    };

    void work() {
        std::unique_lock lock(mutex_);
        while (!stop_) {
            changed_.wait(lock, [this] { return !jobs_.empty(); });
            const Job job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job.run();
            lock.lock();
            *job.done = true;
            done_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable done_;
    std::deque<Job> jobs_;
    bool stop_ = false;
    std::thread thread_;
};

/// The other thread gets processor 0 or 1; this one 0.
template <class Start>
void place(benchmark::State& state, Start start) {
    pin_to(static_cast<int>(state.range(1)) - 1);
    start();
    pin_to(0);
}

void blocking_bare_queue(benchmark::State& state) {
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    std::unique_ptr<BareQueue> queue;
    place(state, [&] { queue = std::make_unique<BareQueue>(); });
    for (auto _ : state) {
        queue->call([&callbacks] {
            for (int phase = 0; phase < 3; ++phase) {
                callbacks.call_all(notification);
            }
        });
    }
    each(state, "seconds_each", 1);
    queue.reset();
    unpin();
}

void blocking_reference(benchmark::State& state) {
    const Callbacks callbacks(static_cast<std::size_t>(state.range(0)));
    offline_state::Host host(L"Benchmark");
    std::vector<ULONG> tokens(callbacks.size());
    for (std::size_t i = 0; i < callbacks.size(); ++i) {
        tokens[i] = advise(*host.object(), callbacks[i]);
    }
    bool offline = true;
    place(state, [&] { require(host.work_offline(offline) == S_OK); }); // the first change starts the thread
    for (auto _ : state) {
        offline = !offline;
        require(host.work_offline(offline) == S_OK);
    }
    each(state, "seconds_each", 1);
    for (const ULONG token : tokens) {
        host.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    }
    unpin();
}

void sizes_and_processors(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"", "processors"})->ArgsProduct({{1, 100}, {1, 2}})->UseRealTime();
}

BENCHMARK(blocking_bare_queue)->Apply(sizes_and_processors);
BENCHMARK(blocking_reference)->Apply(sizes_and_processors);

} // namespace
