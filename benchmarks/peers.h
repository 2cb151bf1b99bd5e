// The reference and its alternatives. Each notifies n clients, registers them and unregisters them.
#pragma once

#include "callback.h"

#include <boost/signals2/signal.hpp>
#include <glib-object.h>
#include <sigc++/sigc++.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

// Each has: rounds, how often a delivery calls each client; deliver(), which calls them all; replace(i), which
// unregisters number i and registers it again; is_thread_safe, whether both may run at once.

/// The reference, through its public functions alone. A delivery is a change: three phases.
class Reference {
public:
    static constexpr std::size_t rounds = 3;
    static constexpr bool is_thread_safe = true;

    explicit Reference(const Callbacks& callbacks) : callbacks_(callbacks), host_(L"Benchmark") {
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            tokens_.push_back(advise(i));
        }
    }
    ~Reference() {
        for (const ULONG token : tokens_) {
            host_.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
        }
    }
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;

    void deliver() {
        offline_ = !offline_;
        require(host_.work_offline(offline_, MAPIOFFLINE_FLAG_DEFAULT) == S_OK);
        require(dispatcher_.deliver_all() == rounds);
    }
    void replace(std::size_t i) {
        require(host_.object()->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, tokens_[i]) == S_OK);
        tokens_[i] = advise(i);
    }
    ULONG state() const {
        ULONG state = 0;
        require(host_.object()->GetCurrentState(&state) == S_OK);
        return state;
    }

private:
    ULONG advise(std::size_t i) { return ::advise(*host_.object(), callbacks_[i]); }

    const Callbacks& callbacks_;
    offline_state::ManualDispatcher dispatcher_;
    offline_state::Host host_;
    std::vector<ULONG> tokens_;
    bool offline_ = false;
};

/// The notification that all of them send.
inline const MAPIOFFLINE_NOTIFY notification{sizeof(MAPIOFFLINE_NOTIFY), MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 1, {}};

/// The limits: a bare loop of virtual calls; a vector's push and pop. No guarantee at all.
class BareLoop {
public:
    static constexpr std::size_t rounds = 1;
    static constexpr bool is_thread_safe = false;

    explicit BareLoop(const Callbacks& callbacks) : callbacks_(callbacks) {
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            registered_.push_back(callbacks[i]);
        }
    }

    void deliver() {
        for (IMAPIOfflineNotify* const callback : registered_) {
            callback->Notify(&notification);
        }
    }
    void replace(std::size_t i) {
        registered_.pop_back();
        benchmark::ClobberMemory();
        registered_.push_back(callbacks_[i]);
    }

private:
    const Callbacks& callbacks_;
    std::vector<IMAPIOfflineNotify*> registered_;
};

/// A library's signal.
template <class Signal, class Connection, bool threads>
class LibrarySignal {
public:
    static constexpr std::size_t rounds = 1;
    static constexpr bool is_thread_safe = threads;

    explicit LibrarySignal(const Callbacks& callbacks) : callbacks_(callbacks) {
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            connections_.push_back(connect(i));
        }
    }

    void deliver() { signal_(&notification); }
    void replace(std::size_t i) {
        connections_[i].disconnect();
        connections_[i] = connect(i);
    }

private:
    Connection connect(std::size_t i) {
        return signal_.connect([callback = callbacks_[i]](const MAPIOFFLINE_NOTIFY* n) { callback->Notify(n); });
    }

    const Callbacks& callbacks_;
    Signal signal_;
    std::vector<Connection> connections_;
};

using BoostSignals2 =
    LibrarySignal<boost::signals2::signal<void(const MAPIOFFLINE_NOTIFY*)>, boost::signals2::connection, true>;
using LibSigc = LibrarySignal<sigc::signal<void, const MAPIOFFLINE_NOTIFY*>, sigc::connection, false>;

class GSignal {
public:
    static constexpr std::size_t rounds = 1;
    static constexpr bool is_thread_safe = false;

    explicit GSignal(const Callbacks& callbacks)
        : callbacks_(callbacks), object_(static_cast<GObject*>(g_object_new(G_TYPE_OBJECT, nullptr))) {
        static const guint signal =
            g_signal_newv("offline-state-changed", G_TYPE_OBJECT, G_SIGNAL_RUN_LAST, nullptr, nullptr, nullptr,
                          g_cclosure_marshal_VOID__POINTER, G_TYPE_NONE, 1, parameters());
        signal_ = signal;
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            handlers_.push_back(connect(i));
        }
    }
    ~GSignal() { g_object_unref(object_); }
    GSignal(const GSignal&) = delete;
    GSignal& operator=(const GSignal&) = delete;

    void deliver() { g_signal_emit(object_, signal_, 0, &notification); }
    void replace(std::size_t i) {
        g_signal_handler_disconnect(object_, handlers_[i]);
        handlers_[i] = connect(i);
    }

private:
    static GType* parameters() {
        static GType types[] = {G_TYPE_POINTER};
        return types;
    }
    static void notify(GObject* /*object*/, gpointer n, gpointer callback) {
        static_cast<IMAPIOfflineNotify*>(callback)->Notify(static_cast<const MAPIOFFLINE_NOTIFY*>(n));
    }
    gulong connect(std::size_t i) {
        return g_signal_connect(object_, "offline-state-changed", G_CALLBACK(&GSignal::notify), callbacks_[i]);
    }

    const Callbacks& callbacks_;
    GObject* const object_;
    guint signal_ = 0;
    std::vector<gulong> handlers_;
};

/// The naive design: a map behind a lock, copied for each delivery. Unadvise does not wait.
class CopiedMap {
public:
    static constexpr std::size_t rounds = 1;
    static constexpr bool is_thread_safe = true;

    explicit CopiedMap(const Callbacks& callbacks) : callbacks_(callbacks) {
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            tokens_.push_back(add(i));
        }
    }

    void deliver() {
        std::vector<IMAPIOfflineNotify*> copy;
        {
            const std::lock_guard lock(mutex_);
            copy.reserve(map_.size());
            for (const auto& [token, callback] : map_) {
                copy.push_back(callback);
            }
        }
        for (IMAPIOfflineNotify* const callback : copy) {
            callback->Notify(&notification);
        }
    }
    void replace(std::size_t i) {
        {
            const std::lock_guard lock(mutex_);
            map_.erase(tokens_[i]);
        }
        tokens_[i] = add(i);
    }

private:
    ULONG add(std::size_t i) {
        const std::lock_guard lock(mutex_);
        map_.emplace_hint(map_.end(), ++last_, callbacks_[i]);
        return last_;
    }

    const Callbacks& callbacks_;
    std::mutex mutex_;
    std::map<ULONG, IMAPIOfflineNotify*> map_;
    ULONG last_ = 0;
    std::vector<ULONG> tokens_;
};

/// A snapshot that each change of the list copies. Unadvise does not wait.
class CopyOnWrite {
public:
    static constexpr std::size_t rounds = 1;
    static constexpr bool is_thread_safe = true;

    explicit CopyOnWrite(const Callbacks& callbacks) : callbacks_(callbacks) {
        auto list = std::make_shared<List>();
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            list->push_back({++last_, callbacks[i]});
            tokens_.push_back(last_);
        }
        list_ = std::move(list);
    }

    void deliver() {
        std::shared_ptr<const List> snapshot;
        {
            const std::lock_guard lock(mutex_);
            snapshot = list_;
        }
        for (const Entry& entry : *snapshot) {
            entry.callback->Notify(&notification);
        }
    }
    void replace(std::size_t i) {
        {
            const std::lock_guard lock(mutex_);
            auto copy = std::make_shared<List>();
            copy->reserve(list_->size());
            for (const Entry& entry : *list_) {
                if (entry.token != tokens_[i]) {
                    copy->push_back(entry);
                }
            }
            list_ = std::move(copy);
        }
        const std::lock_guard lock(mutex_);
        auto copy = std::make_shared<List>(*list_);
        copy->push_back({++last_, callbacks_[i]});
        tokens_[i] = last_;
        list_ = std::move(copy);
    }

private:
    struct Entry {
        ULONG token;
        IMAPIOfflineNotify* callback;
    };
    using List = std::vector<Entry>;

    const Callbacks& callbacks_;
    std::mutex mutex_;
    std::shared_ptr<const List> list_;
    ULONG last_ = 0;
    std::vector<ULONG> tokens_;
};

/// A slot map behind one mutex: the least that registering with a token can cost with several threads. It keeps no
/// order and cannot deliver.
class SlotMap {
public:
    explicit SlotMap(const Callbacks& callbacks) : callbacks_(callbacks) {
        for (std::size_t i = 0; i < callbacks.size(); ++i) {
            tokens_.push_back(add(i));
        }
    }

    void replace(std::size_t i) {
        {
            const std::lock_guard lock(mutex_);
            Slot& slot = slots_[tokens_[i].index];
            require(slot.generation == tokens_[i].generation);
            ++slot.generation;
            slot.callback->Release();
            slot.callback = nullptr;
            slot.next_unused = unused_;
            unused_ = tokens_[i].index;
        }
        tokens_[i] = add(i);
    }

private:
    struct Token {
        std::uint32_t index;
        std::uint32_t generation;
    };
    struct Slot {
        IMAPIOfflineNotify* callback = nullptr;
        std::uint32_t generation = 0;
        std::uint32_t next_unused = none;
    };
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    Token add(std::size_t i) {
        void* callback = nullptr;
        require(callbacks_[i]->QueryInterface(__uuidof(IMAPIOfflineNotify), &callback) == S_OK);
        const std::lock_guard lock(mutex_);
        std::uint32_t index = unused_;
        if (index == none) {
            index = static_cast<std::uint32_t>(slots_.size());
            slots_.emplace_back();
        } else {
            unused_ = slots_[index].next_unused;
        }
        slots_[index].callback = static_cast<IMAPIOfflineNotify*>(callback);
        return {index, slots_[index].generation};
    }

    const Callbacks& callbacks_;
    std::mutex mutex_;
    std::vector<Slot> slots_;
    std::uint32_t unused_ = none;
    std::vector<Token> tokens_;
};
