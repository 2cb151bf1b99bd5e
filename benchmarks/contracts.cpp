// What each peer does when a callback is replaced (unregistered and registered again) during a delivery. The guide
// shows it beside the figures: a peer that promises less can be faster.
//
// Expect for each: whether unregistering waits for a callback that is running on another thread; how often a delivery
// calls a callback that replaces itself; how often one that an earlier callback replaces.
#include "peers.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <thread>

namespace {

/// Calls a function the first time, and counts all times.
class Hook final : public IMAPIOfflineNotify {
public:
    std::function<void()> first;
    int calls = 0;

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID /*riid*/, void** ppvObject) override {
        *ppvObject = this;
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 1; }
    ULONG STDMETHODCALLTYPE Release() override { return 1; } // it outlives its registrations
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* /*pNotifyInfo*/) override {
        if (++calls == 1 && first) {
            first();
        }
    }
};

/// How often a delivery calls the second of three callbacks, when the one with number `who` replaces it.
template <class Peer>
int calls_when_replaced_by(std::size_t who) {
    Hook hooks[3];
    const Callbacks callbacks({&hooks[0], &hooks[1], &hooks[2]});
    Peer peer(callbacks);
    hooks[who].first = [&peer] { peer.replace(1); };
    peer.deliver();
    return hooks[1].calls;
}

template <class Peer>
const char* waits() {
    if constexpr (!Peer::is_thread_safe) {
        return "one thread only";
    } else {
        Hook hook;
        const Callbacks callbacks({&hook});
        Peer peer(callbacks);
        std::promise<void> is_inside;
        std::promise<void> is_replaced;
        bool waits = false;
        hook.first = [&] {
            is_inside.set_value();
            const auto cap = std::chrono::seconds(3); // it comes at once, or not at all
            waits = is_replaced.get_future().wait_for(cap) == std::future_status::timeout;
        };
        std::thread other([&] {
            is_inside.get_future().wait();
            peer.replace(0);
            is_replaced.set_value();
        });
        peer.deliver();
        other.join();
        return waits ? "waits" : "does not wait";
    }
}

template <class Peer>
void print(const char* name) {
    std::printf("%s: %s, %d, %d\n", name, waits<Peer>(), calls_when_replaced_by<Peer>(1),
                calls_when_replaced_by<Peer>(0));
}

} // namespace

int main() {
    print<Reference>("Reference");
    print<BoostSignals2>("BoostSignals2");
    print<LibSigc>("LibSigc");
    print<GSignal>("GSignal");
    print<CopiedMap>("CopiedMap");
    print<CopyOnWrite>("CopyOnWrite");
    return 0;
}
