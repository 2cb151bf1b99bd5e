// The cost of objects: opening one of N profiles, and keeping N of them that nobody uses.
#include "callback.h"

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

namespace {

class Profiles {
public:
    explicit Profiles(std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            names_.push_back(L"Profile " + std::to_wstring(i));
            hosts_.push_back(std::make_unique<offline_state::Host>(names_.back().c_str()));
        }
    }
    LPCWSTR name(std::size_t i) const { return names_[i % names_.size()].c_str(); }

private:
    std::vector<std::wstring> names_;
    std::vector<std::unique_ptr<offline_state::Host>> hosts_;
};

void open_object(benchmark::State& state) {
    const Profiles profiles(static_cast<std::size_t>(state.range(0)));
    std::uint32_t random = 1;
    for (auto _ : state) {
        IMAPIOfflineMgr* object = nullptr;
        require(HrOpenOfflineObj(0, profiles.name(next_random(random)), &GUID_GlobalState, nullptr, &object) == S_OK);
        object->Release();
    }
    each(state, "seconds_each", 1);
}

int threads() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("Threads:", 0) == 0) {
            return std::stoi(line.substr(8));
        }
    }
    return -1;
}

/// Without clients, before and after each object has had a change.
void idle_objects(benchmark::State& state) {
    const auto n = static_cast<std::size_t>(state.range(0));
    const Callbacks callbacks(n);
    for (auto _ : state) {
        const int threads_before = threads();
        std::vector<std::unique_ptr<offline_state::Host>> hosts(n);
        const std::size_t before = heap_in_use();
        for (std::size_t i = 0; i < n; ++i) {
            hosts[i] = std::make_unique<offline_state::Host>((L"Profile " + std::to_wstring(i)).c_str());
        }
        state.counters["bytes_each"] = static_cast<double>(heap_in_use() - before) / static_cast<double>(n);
        state.counters["threads"] = threads() - threads_before;
        for (const auto& host : hosts) {
            require(host->work_offline(true) == S_OK);
        }
        state.counters["threads_after_changes"] = threads() - threads_before;
    }
}

BENCHMARK(open_object)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK(idle_objects)->Arg(10'000)->Unit(benchmark::kMillisecond);

} // namespace
