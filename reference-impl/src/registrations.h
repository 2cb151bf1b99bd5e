// The registrations of a tree of objects: who is told, in which order, and what Unadvise waits for.
//
// Each has a slot, which its token names and which stays where it is. The order in which they came is an array of
// entries beside the slots. Advise appends an entry, and Unadvise touches the slot alone: an entry whose slot has
// another token is a gap. When there are more gaps than registrations, the entries behind them move down (sweep), a few
// with each Unadvise, so that no call is long.
//
// All of that happens under a mutex. The dispatcher walks the entries without it, so that a callback costs one atomic
// store and a few loads. What the two sides say to each other is sequentially consistent, and each time both write
// first and read then, so that at least one sees the other:
//
//   to call            The dispatcher writes the slot to running_, then reads its token. Unadvise changes the token,
//                      and then reads running_. Either there is no call, or Unadvise knows of it and waits.
//   to go on           The dispatcher writes the next slot to running_, then reads the token of the one before. If that
//                      has changed, it writes nobody_ there until it has woken those who wait and released what has
//                      ended: nobody waits for the next one meanwhile. Nobody waits for a token that has not changed.
//   to move entries    Who sweeps sets is_moving_, then reads running_: nothing moves while a phase is under way. The
//                      dispatcher begins one with nobody_ in running_, then reads is_moving_, and waits until what
//                      moves has moved.
//
// What is appended during a phase stands behind all that the phase is for.
//
// Where the thread itself ends inside a client's function (NOTIFY-10), the phase is left as at its end, and the
// audience says how far it has come: whoever calls notify again goes on behind that.
#pragma once

#include "client_calls.h"

#include <mapioffline.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace offline_state {

class ConnectionState; // stands for its object here, and is only compared

/// Who is told of something: the registrations up to and including this one in the order of registration, on these
/// objects, or on all of the tree if it names none.
struct Audience {
    ULONG newest;
    std::vector<const ConnectionState*> objects; // sorted
    ULONG told = 0; // how far a phase had come whose thread has ended inside a client's function; else 0

    bool includes(const ConnectionState* object) const {
        return objects.empty() || std::binary_search(objects.begin(), objects.end(), object);
    }
};

class Registrations {
public:
    /// @param capacity How many there can be at once; for tests of the end of the tokens.
    explicit Registrations(ULONG capacity = one_count - 1) : capacity_(capacity) {}

    ~Registrations() noexcept = default; // all callbacks are released by then

    Registrations(const Registrations&) = delete;
    Registrations& operator=(const Registrations&) = delete;

    /// Adds a registration, which takes over the reference on the callback. Gives its token, or 0 when all
    /// tokens are used up. Throws std::bad_alloc, and has then done nothing.
    ULONG add(const ConnectionState* object, Callback&& callback, ULONG client_token);

    /// Ends a registration on the object and releases its callback. When it returns, the callback is not running and
    /// will not run again, unless it is itself the caller. For one that has ended already it only waits; an unknown
    /// token does nothing.
    void remove(const ConnectionState* object, ULONG token);

    /// Ends all registrations on the object, each as remove does. When it returns, the callbacks of those that have
    /// ended inside their own Notify are released too, unless the caller is inside that.
    void remove_all(const ConnectionState* object);

    /// The newest registration so far, by its order.
    ULONG newest() const noexcept { return newest_.load(); }

    /// Sends one notification to each registration of the audience, in the order of registration. Not called by two
    /// threads at once.
    void notify(MAPIOFFLINE_NOTIFY notification, Audience& audience);

private:
    // A token: the slot's number, from 1 on, and above it a count that is even while the slot is in use. When the count
    // is used up, the slot is not used again (ADVISE-1.1).
    static constexpr ULONG one_count = 1U << 20U; // a million at once, and each slot 2048 times
    static constexpr ULONG number_of(ULONG token) noexcept { return token % one_count; }
    static constexpr bool is_in_use(ULONG token) noexcept { return (token & one_count) == 0; }

    struct Slot {
        Callback callback;
        const ConnectionState* object = nullptr;
        std::atomic<ULONG> token{0};
        ULONG client_token = 0; // of a slot that is not in use: the number of the next such one
        bool is_mute = false;   // its Notify has ended the thread, and is not called again
    };

    struct Entry {
        Slot* slot = nullptr;
        ULONG token = 0; // if the slot's is another one, this is a gap
        ULONG order = 0; // 1, 2, 3, … as they come

        bool is_gap() const noexcept { return slot->token != token; }
    };

    /// Parts of both, which stay where they are while the whole grows.
    static constexpr ULONG block_size = 256;
    using Slots = std::array<Slot, block_size>;
    struct Entries {
        std::array<Entry, block_size> here;
        Entries* next = nullptr;
    };

    Slot& slot(ULONG number) noexcept { return (*slots_[(number - 1) / block_size])[(number - 1) % block_size]; }
    Entry& entry(ULONG place) noexcept { return entries_[place / block_size]->here[place % block_size]; }
    bool add_slot();
    void add_entries();
    void give_up(Slot& slot) noexcept;

    void go_on(const Slot* told, ULONG its_token, Slot* next);
    void release_what_has_ended();
    bool is_dispatching_here() const noexcept;

    bool has_many_gaps() const noexcept;
    void sweep(ULONG places) noexcept;

    // What the dispatcher publishes, apart from what others write:
    alignas(64) std::atomic<Slot*> running_{nullptr}; // whom it calls or is about to call; null: no phase is under way
    std::atomic<std::thread::id> running_on_{std::thread::id()};
    Slot nobody_; // stands in running_ when a phase begins

    // What it reads:
    alignas(64) std::atomic<ULONG> newest_{0};
    std::atomic<ULONG> end_{0}; // behind the last entry
    std::atomic<bool> is_moving_{false};
    std::atomic<bool> is_untidy_{false}; // there are many gaps
    Entries* first_ = nullptr;

    std::mutex mutex_;
    std::condition_variable returned_; // the callback of a registration that has ended has returned
    std::vector<std::unique_ptr<Slots>> slots_;
    std::vector<std::unique_ptr<Entries>> entries_;
    const ULONG capacity_;
    ULONG slots_made_ = 0;
    ULONG first_unused_ = 0;              // the number of a slot; 0: all are in use
    ULONG registered_ = 0;                // the entries that are no gaps
    ULONG sweep_from_ = 0, sweep_to_ = 0; // between them there are only gaps; 0 when nobody sweeps
    Slot* ended_inside_ = nullptr;        // whose registration has ended inside its own Notify; until it is released
};

} // namespace offline_state
