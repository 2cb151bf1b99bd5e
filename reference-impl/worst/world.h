// What the library knows: objects, registrations and changes; and what its sources share. One lock guards all of it,
// and is not held while a client is called.
#pragma once

#include "behaviours.h"
#include "lifetime.h"
#include "trace.h"
#ifdef OFFLINE_STATE_ONE_THREAD
#include "one_thread.h"
#else
#include "threads.h"
#endif

#include <mapioffline.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace offline_state_worst {

using offline_state::AtEnd;
using Lock = std::unique_lock<std::mutex>;
using std::chrono::milliseconds;

constexpr ULONG offline_mask = MAPIOFFLINE_STATE_OFFLINE_MASK;
constexpr auto start = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
constexpr auto statechange = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE;
constexpr auto done = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
constexpr milliseconds at_once{0};
constexpr milliseconds soon{2};
constexpr milliseconds much_later{50};

constexpr ULONG other(ULONG state) {
    return state ^ offline_mask;
}

/// One client's registration.
struct Registration {
    IMAPIOfflineNotify* callback = nullptr;
    ULONG client_token = 0;
    ULONG token = 0;
    ULONG references = 1;   // on the callback
    std::size_t number = 0; // in the order of all registrations
    bool leaving = false;   // Unadvise has been called, but a Notify is still to come
    bool gone = false;
    bool released = false;
    bool silent = false;                 // a thread has ended inside its Notify
    std::vector<std::thread::id> inside; // its Notify is running on these threads
};
using RegistrationPtr = std::shared_ptr<Registration>;

class Face;
struct Change;

/// An offline object, whatever pointers there are to it.
struct Object : std::enable_shared_from_this<Object> {
    std::wstring name;
    GUID guid{};
    GUID instance{};
    ULONG capabilities = 0;
    ULONG state = MAPIOFFLINE_STATE_ONLINE;
    std::shared_ptr<Object> parent; // null: it is a global one
    IUnknown* outer = nullptr;      // of a store's object: it holds this one, not the other way round
    std::shared_ptr<Face> own;
    std::shared_ptr<Face> inside_outer; // what the outer object hands out
    ULONG references = 1;
    std::vector<RegistrationPtr> registrations;
    int running = 0;                // Notify calls
    std::shared_ptr<Change> change; // under way
    bool was_refused = false;
};
using ObjectPtr = std::shared_ptr<Object>;

/// Whom a notification is for.
struct Target {
    ObjectPtr object;
    ULONG from; // the old state
    RegistrationPtr registration;
};

struct Change {
    ObjectPtr root;
    ULONG to = 0;
    bool begun = false;                               // it is under way
    bool announced = false;                           // its first phase has been sent
    bool completed = false;                           // SetCurrentState with BLOCK may return
    std::vector<std::pair<ObjectPtr, ULONG>> objects; // and the state that each comes from
    std::vector<Target> targets;
    std::vector<std::vector<MAPIOFFLINE_NOTIFY_TYPE>> steps; // phases; those of one step come together
    std::size_t prepared = 0;                                // steps
    std::size_t sent = 0;
    std::deque<std::pair<MAPIOFFLINE_NOTIFY_TYPE, Target>> left; // of the step
    MAPIOFFLINE_NOTIFY_TYPE phase = start;
    MAPIOFFLINE_NOTIFY_TYPE new_state_from = statechange; // GetCurrentState gives the new state
};
using ChangePtr = std::shared_ptr<Change>;

struct World {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<ObjectPtr> objects;
    std::map<const void*, Object*> faces; // all pointers to objects that a client may have
    std::set<std::wstring> asked_for;     // profiles
    ULONG last_token = 0;
    std::size_t registrations = 0;
    std::atomic<unsigned> turns{0};
    std::atomic<bool> ending{false};
    Crew crew;
    Later changes;
    Later later;
};

/// The library's. Threads use it until the process ends.
inline World& world() {
    return offline_state::process_wide<World>();
}

/// Now yes, now no.
inline bool turn() {
    return world().turns++ % 2 == 0;
}

inline ULONG extra_bits() {
    constexpr ULONG bits[] = {0x00010000, 0x00020300, 0x003F0000, 0x00000070};
    return on(Behaviour::extra_bits) ? bits[world().turns++ % std::size(bits)] : 0;
}

/// Calls a client's function. An exception that leaves it is dropped, or ends the process. A thread may end inside it.
template <class Function>
#ifdef __GLIBCXX__
__attribute__((no_sanitize("null"))) // as in contain()
#endif
void call(Function function) {
    try {
        function();
#ifdef __GLIBCXX__
    } catch (const abi::__forced_unwind&) {
        throw;
#endif
    } catch (...) {
        if (on(Behaviour::exception_ends)) {
            std::terminate(); // which says what exception it is
        }
    }
}

/// Calls a client's function that returns something; `otherwise` if an exception leaves it.
template <class Result, class Function>
Result call(Result otherwise, Function function) {
    call([&] { otherwise = function(); });
    return otherwise;
}

/// The body of a function that a client calls: no exception leaves it.
template <class Body>
HRESULT answer(Body body) {
    HRESULT result = E_OUTOFMEMORY; // no memory, or no thread
    offline_state::contain([&] { result = body(); });
    return result;
}

/// Never returns. Without the lock.
[[noreturn]] void hang(const char* sentence);

// registrations.cpp

/// Whether this thread is inside a Notify.
bool is_inside_notify();

/// Calls Notify, unless the registration has ended.
void send(const Target& target, MAPIOFFLINE_NOTIFY_TYPE type, ULONG to);

HRESULT advise(const ObjectPtr& object, ULONG flags, const MAPIOFFLINE_ADVISEINFO* info, ULONG* token);
HRESULT unadvise(ObjectPtr object, ULONG token);

/// Ends all registrations of an object whose last reference has been released.
void end_registrations(const ObjectPtr& object);

// changes.cpp

HRESULT set_state(const ObjectPtr& object, ULONG flags, ULONG mask, ULONG state, const void* reserved);

} // namespace offline_state_worst
