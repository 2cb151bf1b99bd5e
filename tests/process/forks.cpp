// fork while other threads are inside the library. In the child nobody can be notified; it has to be told so, and it
// has to be able to exit: nothing may wait for a thread, or for a lock, that has stayed in the parent.
#include "support/offline_state_test.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace offline_state_tests;

namespace {

constexpr LPCWSTR profile = L"Profile";

// Destroyed at exit, in the child as well.
struct Statics {
    offline_state::Host host{profile};
    offline_state::NotifyTimeLimit limit{std::chrono::hours(1)};
};

/// The child's whole life; its exit code.
int in_child(IMAPIOfflineMgr* inherited) {
    IMAPIOfflineMgr* object = nullptr;
    if (HrOpenOfflineObj(0, profile, &GUID_GlobalState, nullptr, &object) != MAPI_E_NOT_FOUND || object != nullptr) {
        return 2;
    }
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = L"Child";
    info.pGUID = &GUID_GlobalState;
    if (HrCreateOfflineObj(0, &info, &object) != E_OUTOFMEMORY || object != nullptr) {
        return 3;
    }
    inherited->AddRef();
    inherited->Release();
    return 0;
}

} // namespace

int main() {
    static Statics statics;
    IMAPIOfflineMgr* const object = statics.host.object();
    offline_state::set_trace_sink([](const offline_state::TraceEvent&) {});
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(object, callback.Get());
    std::atomic<bool> stop{false};
    std::atomic<int> rounds{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) { // so that locks are held at the moment of the fork
        threads.emplace_back([&] {
            for (; !stop; ++rounds) {
                profile_exists(profile);
                statics.host.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT);
                statics.host.work_offline(false, MAPIOFFLINE_FLAG_DEFAULT);
            }
        });
    }
    int failures = 0;
    for (int i = 0; i < 30; ++i) {
        for (const int so_far = rounds; rounds - so_far < 2;) { // they are at work
            std::this_thread::yield();
        }
        const pid_t child = fork();
        if (child == 0) {
            alarm(60); // whoever hangs is killed, and that is a failure
            std::exit(in_child(object));
        }
        int status = -1;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            std::printf("child %d: status 0x%x\n", i, static_cast<unsigned>(status));
            ++failures;
        }
    }
    stop = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    // The parent goes on as if nothing had been.
    statics.host.drain();
    const std::size_t so_far = callback->notifications().size();
    statics.host.work_offline(state_of(object) == MAPIOFFLINE_STATE_ONLINE);
    failures += callback->notifications().size() == so_far + 3 ? 0 : 1;
    unadvise(object, token);
    offline_state::set_trace_sink({});
    std::printf("%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
