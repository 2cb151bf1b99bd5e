// Mistakes that real clients make, each beside the right lines. `mistakes NAME wrong` and
// `mistakes NAME right` run one of them; 1 is the exit code when the client notices that
// something is wrong. Page: "Mistakes that work until they do not".
#include "client/step1_implement_notify.h"
#include "client/step4_advise.h"
#include "outlook_stand_in.h"

#include <mapioffline_worst.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#ifndef _WIN32
#include <dlfcn.h>
#endif

using namespace offline_state_samples;

namespace {

using Object = ComPtr<IMAPIOfflineMgr>;

Object open() {
    Object object;
    if (FAILED(HrOpenOfflineObj(0, sample_profile, &GUID_GlobalState, nullptr,
                                object.GetAddressOf()))) {
        throw std::runtime_error("there is no offline object");
    }
    return object;
}

/// A callback that sees what Outlook sends as it is.
class RawNotify final : public IMAPIOfflineNotify {
public:
    using OnNotify = std::function<void(const MAPIOFFLINE_NOTIFY*)>;

    explicit RawNotify(OnNotify on_notify) : on_notify_(std::move(on_notify)) { ++alive; }
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const bool known = riid == __uuidof(IUnknown) || riid == __uuidof(IMAPIOfflineNotify);
        *ppvObject = known ? this : nullptr;
        return known ? AddRef(), S_OK : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* info) override { on_notify_(info); }

    static std::atomic<int> alive;

private:
    ~RawNotify() { --alive; }

    std::atomic<ULONG> references_{1};
    const OnNotify on_notify_;
};

std::atomic<int> RawNotify::alive{0};

/// Registers, makes one change, and unadvises.
void live_through(OutlookStandIn& outlook, bool goes_offline, RawNotify::OnNotify on_notify) {
    const Object object = open();
    ComPtr<RawNotify> callback;
    *callback.GetAddressOf() = new RawNotify(std::move(on_notify));
    ULONG token = 0;
    advise(object.Get(), callback.Get(), 0, token);
    outlook.work_offline(goes_offline);
    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    offline_state_worst_settle();
}

bool whole_state(OutlookStandIn&, bool right) {
    const Object object = open();
    ULONG state = 0;
    object->GetCurrentState(&state);
    if (!right) {
        // [whole-state-wrong]
        const bool online = state == MAPIOFFLINE_STATE_ONLINE;
        // [/whole-state-wrong]
        return online;
    }
    // [whole-state-right]
    const bool online = (state & MAPIOFFLINE_STATE_OFFLINE_MASK) == MAPIOFFLINE_STATE_ONLINE;
    // [/whole-state-right]
    return online;
}

bool unchecked_info(OutlookStandIn& outlook, bool right) {
    outlook.work_offline(true);
    std::atomic<bool> said_offline{false}; // while the user goes online
    const auto show = [&said_offline](ULONG state) {
        said_offline = said_offline ||
                       (state & MAPIOFFLINE_STATE_OFFLINE_MASK) == MAPIOFFLINE_STATE_OFFLINE;
    };
    live_through(outlook, false, [&](const MAPIOFFLINE_NOTIFY* info) {
        if (!right) {
            // [unchecked-info-wrong]
            show(info->Info.StateChange.ulStateNew);
            // [/unchecked-info-wrong]
            return;
        }
        // [unchecked-info-right]
        const bool is_of_a_change =
            info->NotifyType >= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START &&
            info->NotifyType <= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
        if (is_of_a_change && info->Info.StateChange.ulMask == MAPIOFFLINE_STATE_OFFLINE_MASK) {
            show(info->Info.StateChange.ulStateNew);
        }
        // [/unchecked-info-right]
    });
    return !said_offline;
}

bool zero_token(OutlookStandIn&, bool right) {
    const Object object = open();
    ComPtr<RawNotify> callback;
    *callback.GetAddressOf() = new RawNotify([](const MAPIOFFLINE_NOTIFY*) {});
    ULONG token = 0;
    const bool is_registered = SUCCEEDED(advise(object.Get(), callback.Get(), 0, token));
    callback.Reset();
    if (right) {
        // [zero-token-right]
        if (is_registered) {
            object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        }
        // [/zero-token-right]
    } else {
        // [zero-token-wrong]
        if (token != 0) {
            object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        }
        // [/zero-token-wrong]
    }
    offline_state_worst_settle();
    return RawNotify::alive == 0;
}

std::atomic<bool> window_is_there{false};
std::atomic<bool> missing_window_used{false};

/// Stands for what a client shows a notification in.
struct Window {
    Window() { window_is_there = true; }
    ~Window() { window_is_there = false; }
    void show(const StateChange&) {
        missing_window_used = missing_window_used || !window_is_there;
    }
};

bool captured_this(OutlookStandIn&, bool right) {
    const Object object = open();
    ULONG token = 0;
    static std::optional<Window>
        place; // its memory stays, so that the program can say what is wrong
    if (right) {
        // [captured-this-right]
        auto window = std::make_shared<Window>();
        const auto callback =
            OfflineNotify::create([window](const StateChange& c) { window->show(c); });
        // [/captured-this-right]
        advise(object.Get(), callback.Get(), 0, token);
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        window.reset();
        offline_state_worst_settle();
    } else {
        Window& window = place.emplace();
        // [captured-this-wrong]
        const auto callback =
            OfflineNotify::create([&window](const StateChange& c) { window.show(c); });
        // [/captured-this-wrong]
        advise(object.Get(), callback.Get(), 0, token);
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        place.reset();
        offline_state_worst_settle();
    }
    return !missing_window_used;
}

bool lock_in_unadvise(OutlookStandIn&, bool right) {
    const Object object = open();
    const auto mutex = std::make_shared<std::mutex>();
    const auto entered = std::make_shared<std::promise<void>>();
    const auto once = std::make_shared<std::once_flag>();
    const auto callback = OfflineNotify::create([mutex, entered, once](const StateChange&) {
        std::call_once(*once, [&] { entered->set_value(); });
        const std::lock_guard<std::mutex> lock(*mutex);
    });
    ULONG token = 0;
    advise(object.Get(), callback.Get(), 0, token);
    std::unique_lock<std::mutex> lock(*mutex);
    while (object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                   MAPIOFFLINE_STATE_OFFLINE, nullptr) == E_PENDING) {
    }
    entered->get_future().wait(); // Notify wants the lock
    if (right) {
        // [lock-in-unadvise-right]
        const ULONG taken = token;
        lock.unlock();
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, taken);
        // [/lock-in-unadvise-right]
    } else {
        // [lock-in-unadvise-wrong]
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        lock.unlock();
        // [/lock-in-unadvise-wrong]
    }
    return true;
}

bool block_in_done(OutlookStandIn& outlook, bool right) {
    const Object object = open();
    const auto callback = OfflineNotify::create([object, right](const StateChange& change) {
        if (change.phase != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE ||
            change.state_new == MAPIOFFLINE_STATE_ONLINE) {
            return;
        }
        if (right) {
            // [block-in-done-right]
            object->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                    MAPIOFFLINE_STATE_ONLINE, nullptr);
            // [/block-in-done-right]
        } else {
            // [block-in-done-wrong]
            object->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                    MAPIOFFLINE_STATE_ONLINE, nullptr);
            // [/block-in-done-wrong]
        }
    });
    ULONG token = 0;
    advise(object.Get(), callback.Get(), 0, token);
    outlook.work_offline(true);
    offline_state_worst_settle();
    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    return true;
}

bool leaked_reference(OutlookStandIn&, bool right) {
    const Object object = open();
    const auto on_notify = [](const MAPIOFFLINE_NOTIFY*) {};
    ULONG token = 0;
    if (right) {
        // [leaked-reference-right]
        ComPtr<RawNotify> callback;
        *callback.GetAddressOf() = new RawNotify(on_notify); // takes over the first reference
        // [/leaked-reference-right]
        advise(object.Get(), callback.Get(), 0, token);
    } else {
        // [leaked-reference-wrong]
        ComPtr<RawNotify> callback = new RawNotify(on_notify); // takes a second reference
        // [/leaked-reference-wrong]
        advise(object.Get(), callback.Get(), 0, token);
    }
    object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    offline_state_worst_settle();
    return RawNotify::alive == 0;
}

bool kept_info(OutlookStandIn& outlook, bool right) {
    const MAPIOFFLINE_NOTIFY* kept = nullptr;
    MAPIOFFLINE_NOTIFY copied{};
    live_through(outlook, true, [&](const MAPIOFFLINE_NOTIFY* info) {
        if (right) {
            // [kept-info-right]
            copied = *info;
            // [/kept-info-right]
        } else {
            // [kept-info-wrong]
            kept = info;
            // [/kept-info-wrong]
        }
    });
    const MAPIOFFLINE_NOTIFY* const last = right ? &copied : kept;
    return last->Info.StateChange.ulStateNew != 0;
}

#ifndef _WIN32
bool freed_library(OutlookStandIn&, bool right) {
    const Object object = open();
    const auto live_and_end = [&object](void* client) {
        ComPtr<IMAPIOfflineNotify> callback;
        *callback.GetAddressOf() =
            reinterpret_cast<IMAPIOfflineNotify* (*)()>(dlsym(client, "create_callback"))();
        ULONG token = 0;
        advise(object.Get(), callback.Get(), 0, token);
        object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
    };
    const char* const path = OFFLINE_STATE_MODULE;
    if (right) {
        // [freed-library-right]
        void* const client = dlopen(path, RTLD_NOW | RTLD_NODELETE); // its code stays
        live_and_end(client);
        dlclose(client);
        // [/freed-library-right]
    } else {
        // [freed-library-wrong]
        void* const client = dlopen(path, RTLD_NOW);
        live_and_end(client);
        dlclose(client); // but Outlook may still hold the callback
        // [/freed-library-wrong]
    }
    offline_state_worst_settle();
    return true;
}
#endif

/// Stands for the object model: the main thread alone may touch it.
class ObjectModel {
public:
    void touch() { is_violated_ = is_violated_ || std::this_thread::get_id() != main_; }
    bool is_violated() const { return is_violated_; }

private:
    const std::thread::id main_ = std::this_thread::get_id();
    std::atomic<bool> is_violated_{false};
};

bool touched_model(OutlookStandIn& outlook, bool right) {
    ObjectModel model;
    std::mutex mutex;
    std::deque<std::function<void()>> posted; // to the main thread, which has a message loop
    live_through(outlook, true, [&](const MAPIOFFLINE_NOTIFY*) {
        if (right) {
            // [touched-model-right]
            const std::lock_guard<std::mutex> lock(mutex);
            posted.emplace_back([&model] { model.touch(); });
            // [/touched-model-right]
        } else {
            // [touched-model-wrong]
            model.touch();
            // [/touched-model-wrong]
        }
    });
    for (const auto& work : posted) {
        work();
    }
    return !model.is_violated();
}

constexpr struct {
    const char* name;
    bool (*run)(OutlookStandIn& outlook, bool right);
} mistakes[] = {
    {"whole-state", whole_state},
    {"unchecked-info", unchecked_info},
    {"zero-token", zero_token},
    {"captured-this", captured_this},
    {"lock-in-unadvise", lock_in_unadvise},
    {"block-in-done", block_in_done},
    {"leaked-reference", leaked_reference},
    {"kept-info", kept_info},
    {"touched-model", touched_model},
#ifndef _WIN32
    {"freed-library", freed_library},
#endif
};

} // namespace

int main(int argc, char** argv) {
    const bool is_right = argc == 3 && std::strcmp(argv[2], "right") == 0;
    for (const auto& mistake : mistakes) {
        if (argc == 3 && std::strcmp(argv[1], mistake.name) == 0) {
            OutlookStandIn outlook(sample_profile);
            return mistake.run(outlook, is_right) ? 0 : 1;
        }
    }
    std::fputs("Usage: mistakes NAME wrong|right\n", stderr);
    return 2;
}
