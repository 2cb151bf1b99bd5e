// The registrations of a tree of objects: who is told, in which order, and what Unadvise waits for.
//
// They stand in a linked list, in the order of registration. Advise and Unadvise change it under a mutex. The
// dispatcher walks it without one, so that a callback costs one atomic store and a few loads. All that the two sides
// say to each other is sequentially consistent, and each time both write first and read then, so that at least one sees
// the other:
//
//   to call a slot     The dispatcher writes it to running_, then reads its order. Unadvise sets the order to 0, then
//                      reads running_. Either there is no call, or Unadvise knows of it and waits.
//   to go on           The dispatcher writes the next slot to running_, then reads the order of the one before. If that
//                      has ended, it takes the mutex and wakes those who wait: nobody waits for a slot that has not.
//   to use one again   The dispatcher counts phase_, then reads the first slot. Unadvise takes a slot out of the list,
//                      then reads phase_: in that phase it may be stood on, in a later one nobody gets to it.
//
// Until then a slot that has left the list keeps its next, which leads back to it: whatever has left in between did the
// same. New registrations stand behind all that the phase is for, so what is missed at the end does not matter.
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace offline_state {

class ConnectionState; // stands for its object here, and is only compared

/// Who is told of something: the registrations up to and including this one in the order of registration, on these
/// objects, or on all of the tree if it names none.
struct Audience {
    ULONG newest;
    std::set<const ConnectionState*> objects;
};

class Registrations {
public:
    /// @param capacity How many there can be at once; for tests of the end of the tokens.
    explicit Registrations(ULONG capacity = index_mask);

    Registrations(const Registrations&) = delete;
    Registrations& operator=(const Registrations&) = delete;

    /// Adds a registration, which takes over the reference on the callback. Gives its token, or 0 when all
    /// tokens are used up. Throws std::bad_alloc, and has then done nothing.
    ULONG add(const ConnectionState* object, Microsoft::WRL::ComPtr<IMAPIOfflineNotify> callback, ULONG client_token);

    /// Ends a registration on the object and releases its callback. When it returns, the callback is not running and
    /// will not run again, unless it is itself the caller. For one that has ended already it only waits; an unknown
    /// token does nothing.
    void remove(const ConnectionState* object, ULONG token);

    /// Ends all registrations on the object, each as remove does.
    void remove_all(const ConnectionState* object);

    /// The newest registration so far, by its order.
    ULONG newest() const noexcept { return newest_.load(); }

    /// Sends one notification to each registration of the audience, in the order of registration. Not called by two
    /// threads at once.
    void notify(MAPIOFFLINE_NOTIFY notification, const Audience& audience);

private:
    /// A registration, or a place for one. Its token: the slot's index, never 0, and above it how often the slot has
    /// been used before. When that has no bits left, the slot is not used again (ADVISE-1.1).
    struct Slot {
        std::atomic<Slot*> next{nullptr};
        Microsoft::WRL::ComPtr<IMAPIOfflineNotify> callback;
        const ConnectionState* object = nullptr;
        std::atomic<ULONG> order{0}; // 1, 2, 3, … as they come; 0 when it has ended
        ULONG client_token = 0;      // of an unused slot: the phase in which it was given up
        ULONG token = 0;
        ULONG before = 0; // the index of the slot before; of an unused slot: of the next unused one
    };

    static constexpr ULONG index_mask = 0xFFFFF; // a million at once, and each slot 4096 times
    static constexpr ULONG one_use = index_mask + 1;

    static constexpr ULONG block_size = 16;
    using Block = std::array<Slot, block_size>;

    Slot& slot_at(ULONG index) noexcept { return (*blocks_[index / block_size])[index % block_size]; }
    Slot* take_slot();
    void give_up_slot(Slot& slot);
    void unlink(Slot& slot);
    void go_on(const Slot& from, ULONG order, Slot* to);

    bool is_dispatching_here() const noexcept;

    template <class IsRunning>
    void wait_unless_inside(std::unique_lock<std::mutex>& lock, IsRunning is_running);

    // What the dispatcher publishes:
    std::atomic<Slot*> running_{nullptr}; // whom it calls or is about to call
    std::atomic<ULONG> phase_{0};         // counts beginnings and ends, so it is odd while a phase is under way
    std::atomic<std::thread::id> running_on_{std::thread::id()};

    std::atomic<ULONG> newest_{0};

    std::mutex mutex_;
    std::condition_variable returned_;           // the callback of a registration that has ended has returned
    std::vector<std::unique_ptr<Block>> blocks_; // the slots, which stay where they are
    ULONG slots_ = 1;                            // how many of them have been used
    Slot& head_;                                 // the first one: the list begins behind it
    ULONG last_ = 0;                             // the index of its last one
    ULONG first_unused_ = 0, last_unused_ = 0;   // a queue of indices; 0: empty
    const ULONG capacity_;
    Microsoft::WRL::ComPtr<IMAPIOfflineNotify> ended_inside_; // whose registration has ended inside its own Notify
};

} // namespace offline_state
