// The registrations of a tree of objects: who is notified, in which order, and what Unadvise waits for.
//
// Each registration has a slot, which its token names and which never moves. The order of registration is an array of
// entries beside the slots. Advise appends an entry. Unadvise changes the slot alone: an entry whose slot has another
// token is a gap. When there are more gaps than registrations, the entries behind them move down (sweep), a few with
// each Unadvise, so that no call takes long.
//
// All of this happens under a mutex. The dispatcher walks the entries without it, so a callback costs one atomic store
// and a few loads. The atomics that the two sides share are sequentially consistent, and each side first writes, then
// reads; so at least one of them sees what the other has written:
//
//   before a call      The dispatcher writes the slot to running_, then reads its token. Unadvise changes the token,
//                      then reads running_. So either there is no call, or Unadvise sees it and waits.
//   after a call       The dispatcher writes the next slot to running_, then reads the token of the previous one. If
//                      that has changed, it writes nobody_ to running_ while it wakes those who wait and releases a
//                      callback that was unadvised inside its Notify, so that nobody waits for the next slot yet.
//                      Nobody waits for a token that has not changed.
//   moving entries     A thread that sweeps sets is_sweeping_, then reads running_: nothing moves during a phase. The
//                      dispatcher starts a phase with nobody_ in running_, then reads is_sweeping_, and waits for the
//                      end of the sweep.
//
// Entries appended during a phase are behind all those that the phase is for.
//
// If a client's function ends the thread (NOTIFY-10), the phase ends there, and the audience knows how far it has come:
// the next call of notify goes on behind that.
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

class ConnectionState; // identifies an object; its pointers are only compared

/// Who receives a notification.
struct Audience {
    ULONG newest;                                // the last one, in the order of registration
    std::vector<const ConnectionState*> objects; // whose registrations, sorted; empty: those of the whole tree
    ULONG notified = 0;                          // the last one that has been notified in this phase

    bool includes(const ConnectionState* object) const {
        return objects.empty() || std::binary_search(objects.begin(), objects.end(), object);
    }
};

class Registrations {
public:
    /// @param capacity How many there can be at once; for tests that use up all tokens.
    explicit Registrations(ULONG capacity = one_count - 1) : capacity_(capacity) {}

    ~Registrations() noexcept = default; // after remove_all for each object

    /// Adds a registration, which takes over the reference on the callback. Returns its token, or 0 if all tokens are
    /// used up. Throws std::bad_alloc; then nothing has changed.
    ULONG add(const ConnectionState* object, Callback&& callback, ULONG client_token);

    /// Ends a registration on the object and releases its callback. When it returns, the callback is not running and
    /// will not run again, unless the caller is inside it. If the registration has already ended, it only waits. An
    /// unknown token does nothing.
    void remove(const ConnectionState* object, ULONG token);

    /// Calls remove for all registrations on the object. When it returns, a callback that was unadvised inside its own
    /// Notify is released too, unless the caller is inside that Notify.
    void remove_all(const ConnectionState* object);

    /// The newest registration so far, by its order.
    ULONG newest() const noexcept { return newest_.load(); }

    /// Sends one notification to each registration of the audience, in the order of registration. Only one thread may
    /// call it at a time.
    void notify(MAPIOFFLINE_NOTIFY notification, Audience& audience);

private:
    // A token consists of the slot's number, from 1 on, and, in the bits above it, a count that is even while the slot
    // is in use. When the count is used up, the slot is not used again (ADVISE-1.1).
    static constexpr ULONG one_count = 1U << 20U; // a million slots, each used 2048 times
    static constexpr ULONG number_of(ULONG token) noexcept { return token % one_count; }
    static constexpr bool is_in_use(ULONG token) noexcept { return (token & one_count) == 0; }

    struct Slot {
        Callback callback;
        const ConnectionState* object = nullptr;
        std::atomic<ULONG> token{0};
        ULONG client_token = 0; // in a free slot: the number of the next free one
        bool in_notify = false; // stays true if its Notify ends the thread: then it is not called again
    };

    struct Entry {
        Slot* slot = nullptr;
        ULONG token = 0; // if the slot has another one, this entry is a gap
        ULONG order = 0; // 1, 2, 3, … in the order of registration

        bool is_gap() const noexcept { return slot->token != token; }
    };

    /// A part of the slots and of the entries. It never moves: the dispatcher walks it while others append.
    static constexpr ULONG block_size = 256;
    struct Block {
        std::array<Slot, block_size> slots;
        std::array<Entry, block_size> entries;
        Block* next = nullptr;
    };

    Slot& slot(ULONG number) noexcept { return blocks_[(number - 1) / block_size]->slots[(number - 1) % block_size]; }
    Entry& entry(ULONG place) noexcept { return blocks_[place / block_size]->entries[place % block_size]; }
    void recycle(Slot& slot) noexcept;

    void advance(const Slot* previous, ULONG its_token, Slot* next);
    void wake_and_release();

    /// True on the thread that dispatches. Valid after a read of running_, which publishes running_on_.
    bool is_dispatching_here() const noexcept {
        return running_on_.load(std::memory_order_relaxed) == std::this_thread::get_id();
    }

    /// True also while a sweep has begun and not ended.
    bool has_many_gaps() const noexcept {
        constexpr ULONG few = 8;
        return sweep_from_ != 0 || end_.load(std::memory_order_relaxed) - registered_ > registered_ + few;
    }
    void sweep(ULONG places) noexcept;

    // Written by the dispatcher alone, so on a cache line of their own:
    alignas(64) std::atomic<Slot*> running_{nullptr}; // the slot it calls or is about to call; null between phases
    std::atomic<std::thread::id> running_on_{std::thread::id()};
    Slot nobody_; // in running_ during a phase, while that names none of the slots

    // Read by the dispatcher:
    alignas(64) std::atomic<ULONG> newest_{0};
    std::atomic<ULONG> end_{0}; // behind the last entry
    std::atomic<bool> is_sweeping_{false};
    std::atomic<bool> needs_sweep_{false}; // there are many gaps
    Block* first_ = nullptr;

    std::mutex mutex_;
    std::condition_variable returned_; // from the Notify of a registration that has ended
    std::vector<std::unique_ptr<Block>> blocks_;
    const ULONG capacity_;
    ULONG slots_ = 0;
    ULONG first_free_ = 0;                // the number of a slot; 0: all are in use
    ULONG registered_ = 0;                // the number of entries that are not gaps
    ULONG sweep_from_ = 0, sweep_to_ = 0; // between them there are only gaps; 0 unless a sweep has begun
    Slot* ended_inside_ = nullptr;        // unadvised inside its own Notify, and its callback not yet released
};

} // namespace offline_state
