// The worst permitted Outlook. With no behaviour on it does what the reference does; `on(Behaviour::…)` shows each
// place where it may do otherwise. Read it beside the statements. One lock guards everything, and is not held while a
// client is called.
#define INITGUID
#include <mapioffline.h>
#include <mapioffline_worst.h>

#include "behaviours.h"
#include "lifetime.h"
#include "platform.h"
#include "trace.h"
#ifdef OFFLINE_STATE_ONE_THREAD
#include "one_thread.h"
#else
#include "threads.h"
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace offline_state_worst {

namespace {

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

    bool runs_elsewhere() const {
        return std::any_of(inside.begin(), inside.end(),
                           [](std::thread::id thread) { return thread != std::this_thread::get_id(); });
    }
};
using RegistrationPtr = std::shared_ptr<Registration>;

enum class Kind { global, provider, store };

struct Change;
struct Object;

/// What clients have pointers to. Of one object there may be several.
class Face final : public IMAPIOfflineMgr {
public:
    enum class Identity {
        own,     // it counts its own references, and holds one on the object if that is another face
        object,  // it counts the object's references
        another, // it counts its own references, and holds one on the object whose identity it has
        outer    // the outer object counts them
    };

    /// Call it with the lock held.
    Face(Object& object, Identity identity, IUnknown* controlling);
    Face(const Face&) = delete;
    Face& operator=(const Face&) = delete;
    ~Face();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override;
    ULONG STDMETHODCALLTYPE Release() override;

    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override;
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override;
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override;
    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder9() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { return not_supported(); }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { return not_supported(); }

private:
    static HRESULT not_supported() { return on(Behaviour::other_results) ? E_FAIL : E_NOTIMPL; }

    Object& object_;
    const Identity identity_;
    IUnknown* const controlling_; // null, or the object that it holds or whose identity it has
    std::atomic<ULONG> references_{1};
};

/// An offline object, whatever pointers there are to it.
struct Object : std::enable_shared_from_this<Object> {
    Kind kind = Kind::global;
    std::wstring name;
    GUID guid{};
    GUID instance{};
    ULONG capabilities = 0;
    ULONG state = MAPIOFFLINE_STATE_ONLINE;
    std::shared_ptr<Object> parent;
    IUnknown* outer = nullptr; // of a store's object: it holds this one, not the other way round
    std::unique_ptr<Face> own;
    std::unique_ptr<Face> inside_outer; // what the outer object hands out
    ULONG references = 1;
    std::vector<RegistrationPtr> registrations;
    int running = 0;                // Notify calls
    std::shared_ptr<Change> change; // under way
    bool was_refused = false;
};
using ObjectPtr = std::shared_ptr<Object>;

struct Change {
    struct Target {
        ObjectPtr object;
        ULONG from;
        RegistrationPtr registration;
    };

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

/// The library's state. It is never destroyed: threads use it until the process ends.
struct World {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<ObjectPtr> objects;
    std::vector<std::thread::id> inside_notify;
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

World& world() {
    static World& one = *new World;
    return one;
}

/// No Notify begins while a process ends: what it uses may be gone.
struct AtExit {
    ~AtExit() { world().ending = true; }
} at_exit;

void remove_one(std::vector<std::thread::id>& threads, std::thread::id thread) {
    threads.erase(std::find(threads.begin(), threads.end(), thread));
}

/// Whether this thread is inside a Notify. Call it with the lock held.
bool is_inside_notify() {
    const auto& all = world().inside_notify;
    return std::find(all.begin(), all.end(), std::this_thread::get_id()) != all.end();
}

/// Now yes, now no.
bool turn() {
    return world().turns++ % 2 == 0;
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

/// The body of a function that a client calls: no exception leaves it.
template <class Body>
HRESULT answer(Body body) {
    HRESULT result = E_OUTOFMEMORY; // no memory, or no thread
    offline_state::contain([&] { result = body(); });
    return result;
}

[[noreturn]] void hang(const char* sentence) {
    std::fprintf(stderr, "OFFLINE_STATE_WORST: %s\n", sentence);
    for (;;) {
        std::this_thread::sleep_for(std::chrono::hours(1));
    }
}

ULONG extra_bits() {
    constexpr ULONG bits[] = {0x00010000, 0x00020300, 0x003F0000, 0x00000070};
    return on(Behaviour::extra_bits) ? bits[world().turns++ % std::size(bits)] : 0;
}

// Registrations and notifications.

/// Gives the references on a callback back when the registration has ended and no Notify of it is running.
void release_if_over(Lock& lock, Object& object, const RegistrationPtr& registration) {
    if (!registration->gone || !registration->inside.empty() || registration->released) {
        return;
    }
    registration->released = true;
    auto& all = object.registrations;
    all.erase(std::remove(all.begin(), all.end(), registration), all.end());
    lock.unlock();
    const auto release = [registration] {
        for (ULONG i = 0; i < registration->references; ++i) {
            call([&] { registration->callback->Release(); });
        }
    };
    const bool is_late =
        on(Behaviour::late_release) && answer([&] { return world().later.post(much_later, release), S_OK; }) == S_OK;
    if (!is_late) { // also when there is no memory or no thread for it
        release();
    }
    lock.lock();
}

/// What a client gets. The published structure comes first.
struct BiggerNotification {
    MAPIOFFLINE_NOTIFY published;
    ULONG more[10];
};

void send_exactly(const BiggerNotification& notification, IMAPIOfflineNotify* callback) {
    void* const page = on(Behaviour::unreadable_info) ? readable_page() : nullptr;
    const auto heap = std::make_unique<BiggerNotification>(notification); // freed at once, which AddressSanitizer sees
    const MAPIOFFLINE_NOTIFY* sent = &heap->published;
    if (page != nullptr) {
        sent = &(new (page) BiggerNotification(notification))->published;
    }
    const AtEnd forget{[page] {
        if (page != nullptr) {
            make_unreadable(page);
        }
    }};
    call([&] { callback->Notify(sent); });
}

void touch(IMAPIOfflineNotify* callback) {
    constexpr IID nobodys{0xD2E1C0BF, 0x1234, 0x4321, {0x81, 0x18, 0x27, 0x72, 0x36, 0x63, 0x45, 0x54}};
    for (const IID& iid : {nobodys, IID_IUnknown, IID_IMAPIOfflineMgr, IID_IMAPIOfflineNotify}) {
        IUnknown* face = nullptr;
        call([&] {
            callback->AddRef();
            if (callback->QueryInterface(iid, reinterpret_cast<void**>(&face)) == S_OK && face != nullptr) {
                face->Release();
            }
            callback->Release();
        });
    }
}

/// Calls Notify, unless the registration has ended.
void send(const Change::Target& target, MAPIOFFLINE_NOTIFY_TYPE type, ULONG to) {
    Object& object = *target.object;
    const RegistrationPtr registration = target.registration;
    {
        const Lock lock(world().mutex);
        if (registration->gone || registration->silent || world().ending) {
            return;
        }
        registration->inside.push_back(std::this_thread::get_id());
        world().inside_notify.push_back(std::this_thread::get_id());
        ++object.running;
    }
    bool has_returned = false;
    const AtEnd leave{[&] {
        Lock lock(world().mutex);
        remove_one(registration->inside, std::this_thread::get_id());
        remove_one(world().inside_notify, std::this_thread::get_id());
        --object.running;
        registration->silent = registration->silent || !has_returned;
        release_if_over(lock, object, registration);
        world().changed.notify_all();
    }};
    BiggerNotification notification{};
    notification.published.ulSize =
        static_cast<ULONG>(on(Behaviour::bigger_structure) ? sizeof notification : sizeof notification.published);
    notification.published.NotifyType = type;
    notification.published.ulClientToken = registration->client_token;
    notification.published.Info.StateChange = {offline_mask, target.from | extra_bits(), to | extra_bits()};
    IMAPIOfflineNotify* const callback = registration->callback;
    if (on(Behaviour::callback_calls)) {
        Together(world().crew).run([callback] { touch(callback); });
    }
    if (on(Behaviour::other_notifications) || type < start || type > done) {
        for (const int unknown : {0, 4, -1, static_cast<int>(done)}) {
            BiggerNotification foreign = notification;
            foreign.published.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(unknown);
            foreign.published.Info.StateChange = {0x100, 0xDDDDDDDD, 0xDDDDDDDD};
            send_exactly(foreign, callback);
        }
    }
    if (type >= start && type <= done) {
        send_exactly(notification, callback);
    }
    has_returned = true;
}

void wait_until_it_ends(Lock& lock, Object& object, const Registration& registration) {
    const bool waits_for_all = on(Behaviour::unadvise_waits_for_all);
    if (on(Behaviour::unadvise_never_waits) && (!waits_for_all || turn())) {
        return;
    }
    if (waits_for_all) {
        if (object.running > 0 && is_inside_notify()) {
            lock.unlock();
            hang("Unadvise inside Notify never returns (unadvise-waits-for-all)");
        }
        world().changed.wait(lock, [&] { return object.running == 0; });
    } else {
        world().changed.wait(lock, [&] { return !registration.runs_elsewhere(); });
    }
}

// Changes.

bool is_below(const Object& object, const Object& root) {
    const Object* each = &object;
    while (each != nullptr && each != &root) {
        each = each->parent.get();
    }
    return each != nullptr;
}

bool is_pending(const Object& object) {
    const auto& all = world().objects;
    return object.change != nullptr ||
           (!on(Behaviour::loose_tree) && std::any_of(all.begin(), all.end(), [&](const ObjectPtr& each) {
               return each->change != nullptr && (is_below(object, *each) || is_below(*each, object));
           }));
}

void find_targets(Change& change) {
    const ULONG needed =
        change.to == MAPIOFFLINE_STATE_ONLINE ? MAPIOFFLINE_CAPABILITY_ONLINE : MAPIOFFLINE_CAPABILITY_OFFLINE;
    change.targets.clear();
    for (const auto& [object, from] : change.objects) {
        for (const RegistrationPtr& each : object->registrations) {
            if (!each->gone && ((object->capabilities & needed) != 0 || on(Behaviour::all_notified))) {
                change.targets.push_back({object, from, each});
            }
        }
    }
    const auto number = [](const Change::Target& target) { return target.registration->number; };
    std::sort(change.targets.begin(), change.targets.end(),
              [&](const auto& left, const auto& right) { return number(left) < number(right); });
    if (on(Behaviour::reverse_order)) {
        std::reverse(change.targets.begin(), change.targets.end());
    }
}

void begin(const ChangePtr& change) {
    for (const ObjectPtr& each : world().objects) {
        const bool itself = each == change->root;
        if (is_below(*each, *change->root) && (itself || each->state != change->to || on(Behaviour::all_notified))) {
            change->objects.emplace_back(each, each->state);
        }
    }
    find_targets(*change);
    const bool early = on(Behaviour::state_early) && (!on(Behaviour::state_late) || turn());
    change->new_state_from = early ? start : on(Behaviour::state_late) ? done : statechange;
    using Phases = std::vector<MAPIOFFLINE_NOTIFY_TYPE>;
    change->steps = on(Behaviour::concurrent)    ? std::vector<Phases>{{start, statechange}, {done}}
                    : on(Behaviour::phase_order) ? std::vector<Phases>{{statechange}, {start}, {done}}
                                                 : std::vector<Phases>{{start}, {statechange}, {done}};
    change->begun = true;
    change->root->change = change;
}

void set_states(const Change& change) {
    for (const ObjectPtr& each : world().objects) {
        if (is_below(*each, *change.root)) {
            each->state = change.to;
        }
    }
}

void complete(Change& change) {
    change.completed = true;
    world().changed.notify_all();
}

void prepare_step(Change& change) {
    const auto& phases = change.steps[change.prepared++];
    change.phase = phases.back();
    if (change.phase == done || change.phase >= change.new_state_from) {
        set_states(change);
    }
    if (on(Behaviour::mid_change)) {
        find_targets(change);
    }
    for (const MAPIOFFLINE_NOTIFY_TYPE phase : phases) {
        for (const Change::Target& target : change.targets) {
            change.left.insert(change.left.end(), on(Behaviour::repeat_phase) ? 2 : 1, {phase, target});
        }
    }
}

/// What is left of a step: in turn on this thread, or more phases on threads of their own.
void send_step(Change& change) {
    const bool at_the_same_time = change.steps[change.sent].size() > 1;
    Together together(world().crew);
    while (!change.left.empty()) {
        const auto [phase, target] = change.left.front();
        change.left.pop_front();
        if (at_the_same_time) {
            together.run([target = target, phase = phase, to = change.to] { send(target, phase, to); });
            continue;
        }
        send(target, phase, change.to);
        if (phase == done && on(Behaviour::overlapping)) { // a change that was asked for goes first
            Lock lock(world().mutex);
            world().changed.wait_for(lock, milliseconds(1000), [&] {
                const ChangePtr& next = change.root->change;
                return next == nullptr || next->announced;
            });
        }
    }
}

void deliver(const ChangePtr& change);

void deliver_steps(const ChangePtr& change) {
    Lock lock(world().mutex);
    if (!change->begun) { // late-start
        if (is_pending(*change->root)) {
            world().changes.post(soon, [change] { deliver(change); });
            return;
        }
        if (change->root->state == change->to && !on(Behaviour::same_state)) {
            return;
        }
        begin(change);
    }
    for (; change->sent < change->steps.size(); ++change->sent) {
        if (change->prepared == change->sent) {
            prepare_step(*change);
            if (change->phase == done) {
                if (on(Behaviour::block_early)) {
                    complete(*change);
                }
                change->root->change = nullptr; // from now on another one may be asked for
                if (on(Behaviour::overlapping)) {
                    world().later.post(at_once, [change] { deliver(change); });
                    return;
                }
            }
        }
        lock.unlock();
        send_step(*change);
        lock.lock();
        change->announced = true;
        world().changed.notify_all();
    }
    complete(*change);
}

void deliver(const ChangePtr& change) {
    bool is_over = false;
    const AtEnd continue_it{[&] {
        if (!is_over) { // this thread ends inside a client's function
            answer([&] { return world().changes.post(at_once, [change] { deliver(change); }), S_OK; });
        }
    }};
    deliver_steps(change);
    is_over = true;
}

HRESULT set_state(const ObjectPtr& object, ULONG flags, ULONG mask, ULONG state, const void* reserved) {
    const bool is_state = state == MAPIOFFLINE_STATE_ONLINE || state == MAPIOFFLINE_STATE_OFFLINE;
    const bool is_exact = mask == offline_mask && reserved == nullptr &&
                          (flags == MAPIOFFLINE_FLAG_DEFAULT || flags == MAPIOFFLINE_FLAG_BLOCK);
    if (!is_state || (!is_exact && !on(Behaviour::lenient))) {
        return E_INVALIDARG;
    }
    const bool blocks = (flags & MAPIOFFLINE_FLAG_BLOCK) != 0;
    Lock lock(world().mutex);
    if (blocks && is_inside_notify()) {
        if (on(Behaviour::block_hangs)) {
            lock.unlock();
            hang("SetCurrentState with BLOCK inside Notify never returns (block-hangs)");
        }
        return E_PENDING;
    }
    if (is_pending(*object)) {
        return E_PENDING;
    }
    if (on(Behaviour::pending_early) && !is_inside_notify()) {
        object->was_refused = !object->was_refused;
        if (object->was_refused) {
            return E_PENDING;
        }
    }
    if (object->state == state && !on(Behaviour::same_state)) {
        return S_OK;
    }
    const auto change = std::make_shared<Change>();
    change->root = object;
    change->to = state;
    const bool starts_late = on(Behaviour::late_start) && !blocks;
    if (!starts_late) {
        begin(change);
    }
    if (blocks && on(Behaviour::on_caller)) {
        lock.unlock();
        deliver(change);
        lock.lock();
    } else {
        try {
            world().changes.post(starts_late ? soon : at_once, [change] { deliver(change); });
        } catch (...) {
            object->change = nullptr;
            throw;
        }
    }
    world().changed.wait(lock, [&] { return !blocks || change->completed; });
    return S_OK;
}

// Advise and Unadvise.

HRESULT interface_of(IUnknown* client, IMAPIOfflineNotify*& callback) {
    HRESULT result = E_NOINTERFACE;
    call([&] { result = client->QueryInterface(IID_IMAPIOfflineNotify, reinterpret_cast<void**>(&callback)); });
    if (result == S_OK && callback != nullptr) {
        return S_OK;
    }
    callback = nullptr;
    return !on(Behaviour::other_results) || result == E_NOINTERFACE ? E_NOINTERFACE
           : result == S_OK                                         ? E_POINTER
                                                                    : result;
}

/// A token that no registration of the object has.
ULONG new_token(const Object& object) {
    const auto is_used = [&](ULONG token) {
        return std::any_of(object.registrations.begin(), object.registrations.end(),
                           [token](const RegistrationPtr& each) { return each->token == token && !each->gone; });
    };
    if (on(Behaviour::zero_token) && !is_used(0)) {
        return 0;
    }
    ULONG token = 1;
    while (on(Behaviour::same_token) && is_used(token)) {
        ++token;
    }
    return on(Behaviour::same_token) ? token : ++world().last_token;
}

HRESULT advise(const ObjectPtr& object, ULONG flags, const MAPIOFFLINE_ADVISEINFO* info, ULONG* token) {
    if (token != nullptr && !on(Behaviour::leaves_out_parameters)) {
        *token = 0;
    }
    const bool lenient = on(Behaviour::lenient);
    if (info == nullptr || token == nullptr || info->ulSize < sizeof *info ||
        (info->ulSize > sizeof *info && !lenient) || info->CallbackType != MAPIOFFLINE_CALLBACK_TYPE_NOTIFY ||
        info->pCallback == nullptr) {
        return E_INVALIDARG;
    }
    if (!lenient &&
        (flags != MAPIOFFLINE_ADVISE_DEFAULT || info->ulAdviseTypes != MAPIOFFLINE_ADVISE_TYPE_STATECHANGE ||
         info->ulStateMask != MAPIOFFLINE_STATE_ALL)) {
        return E_INVALIDARG;
    }
    const ULONG client_token = info->ulClientToken;
    IMAPIOfflineNotify* callback = nullptr;
    const HRESULT result = interface_of(info->pCallback, callback);
    if (result != S_OK) {
        return result;
    }
    const auto registration = std::make_shared<Registration>();
    Change::Target target{object, 0, registration};
    auto phase = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(0);
    ULONG to = 0;
    {
        Lock lock(world().mutex);
        if (on(Behaviour::one_registration)) {
            for (const RegistrationPtr& each : object->registrations) {
                if (each->callback == callback && !each->gone && !each->leaving) {
                    *token = each->token;
                    lock.unlock();
                    call([&] { callback->Release(); });
                    return S_OK;
                }
            }
        }
        registration->callback = callback;
        registration->client_token = client_token;
        registration->token = new_token(*object);
        registration->references = on(Behaviour::callback_calls) ? 3 : 1;
        registration->number = ++world().registrations;
        object->registrations.push_back(registration);
        to = object->state;
        target.from = to;
        if (object->change != nullptr) {
            phase = object->change->phase;
            to = object->change->to;
            target.from = other(to);
        }
    }
    for (ULONG i = 1; i < registration->references; ++i) {
        call([&] { callback->AddRef(); });
    }
    if (on(Behaviour::early_notify)) {
        send(target, phase, to);
    }
    *token = registration->token;
    return S_OK;
}

void end_registration(Lock& lock, const ObjectPtr& object, const RegistrationPtr& registration) {
    registration->gone = true;
    wait_until_it_ends(lock, *object, *registration);
    release_if_over(lock, *object, registration);
}

/// The last registration with this token; null if there is none.
RegistrationPtr registration_of(const Object& object, ULONG token) {
    const auto found = std::find_if(object.registrations.rbegin(), object.registrations.rend(),
                                    [token](const RegistrationPtr& each) { return each->token == token; });
    return found == object.registrations.rend() ? nullptr : *found;
}

HRESULT unadvise(ObjectPtr object, ULONG token) {
    Lock lock(world().mutex);
    RegistrationPtr registration = registration_of(*object, token);
    if (registration == nullptr && on(Behaviour::foreign_token)) {
        for (const ObjectPtr& each : world().objects) {
            if (RegistrationPtr found = registration_of(*each, token)) {
                registration = std::move(found);
                object = each;
                break;
            }
        }
    }
    if (registration == nullptr) {
        return on(Behaviour::other_results) ? E_INVALIDARG : S_OK;
    }
    if (registration->leaving) {
        return S_OK;
    }
    const bool has_alternative = on(Behaviour::unadvise_never_waits) || on(Behaviour::unadvise_waits_for_all);
    if (on(Behaviour::late_notify) && (!has_alternative || turn())) {
        registration->leaving = true;
        world().later.post(soon, [object, registration] {
            Lock inner(world().mutex);
            const ULONG state = object->state;
            inner.unlock();
            send({object, other(state), registration}, done, state); // as if the last change had just come to its end
            inner.lock();
            registration->gone = true;
            release_if_over(inner, *object, registration);
        });
        return S_OK;
    }
    end_registration(lock, object, registration);
    return S_OK;
}

/// The last reference has been released.
void end(const ObjectPtr& object) {
    Lock lock(world().mutex);
    while (!object->registrations.empty()) {
        const RegistrationPtr registration = object->registrations.back();
        if (registration->gone && !registration->inside.empty()) {
            object->registrations.pop_back(); // its own Notify releases it
            continue;
        }
        end_registration(lock, object, registration);
    }
}

Face::Face(Object& object, Identity identity, IUnknown* controlling)
    : object_(object), identity_(identity), controlling_(controlling) {
    world().faces[this] = &object;
}

Face::~Face() {
    const Lock lock(world().mutex);
    world().faces.erase(this);
}

HRESULT Face::QueryInterface(REFIID riid, void** ppvObject) {
    if (ppvObject == nullptr) {
        return E_POINTER;
    }
    *ppvObject = nullptr;
    if (identity_ == Identity::outer || identity_ == Identity::another) {
        HRESULT result = E_NOINTERFACE;
        call([&] { result = controlling_->QueryInterface(riid, ppvObject); });
        return result;
    }
    const bool is_base = riid == IID_IUnknown;
    if (!is_base && riid != IID_IMAPIOffline && riid != IID_IMAPIOfflineMgr) {
        return E_NOINTERFACE;
    }
    Face* face = this;
    if (!is_base && on(Behaviour::tear_offs)) {
        IUnknown* const controlling =
            identity_ == Identity::object && object_.outer != nullptr ? object_.outer : static_cast<IUnknown*>(this);
        const HRESULT result = answer([&] {
            const Lock lock(world().mutex);
            face = new Face(object_, Identity::another, controlling);
            return S_OK;
        });
        if (result != S_OK) {
            return result;
        }
        call([&] { controlling->AddRef(); });
    } else {
        face = !is_base && object_.inside_outer != nullptr ? object_.inside_outer.get() : this;
        face->AddRef();
    }
    *ppvObject = static_cast<IMAPIOfflineMgr*>(face);
    return S_OK;
}

ULONG Face::AddRef() {
    if (identity_ == Identity::outer) {
        ULONG count = 0;
        call([&] { count = controlling_->AddRef(); });
        return count;
    }
    if (identity_ == Identity::object) {
        const Lock lock(world().mutex);
        return ++object_.references;
    }
    return ++references_;
}

ULONG Face::Release() {
    if (identity_ == Identity::outer) {
        ULONG count = 0;
        call([&] { count = controlling_->Release(); });
        return count;
    }
    if (identity_ == Identity::object) {
        ObjectPtr object = object_.shared_from_this();
        for (bool is_first = true; object != nullptr; is_first = false) {
            Lock lock(world().mutex);
            const ULONG left = --object->references;
            if (left > 0) {
                return is_first ? left : 0;
            }
            auto& all = world().objects;
            all.erase(std::remove(all.begin(), all.end(), object), all.end());
            lock.unlock();
            end(object);
            object = object->parent; // on which it held a reference; with the first one, this face is gone
        }
        return 0;
    }
    const ULONG left = --references_;
    if (left == 0) {
        IUnknown* const controlling = controlling_;
        delete this;
        call([&] { controlling->Release(); });
    }
    return left;
}

HRESULT Face::SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) {
    return answer([&] { return set_state(object_.shared_from_this(), ulFlags, ulMask, ulState, pReserved); });
}

HRESULT Face::GetCapabilities(ULONG* pulCapabilities) {
    if (pulCapabilities == nullptr) {
        return on(Behaviour::other_results) ? E_POINTER : E_INVALIDARG;
    }
    *pulCapabilities = object_.capabilities | extra_bits();
    return S_OK;
}

HRESULT Face::GetCurrentState(ULONG* pulState) {
    if (pulState == nullptr) {
        return on(Behaviour::other_results) ? E_POINTER : E_INVALIDARG;
    }
    const Lock lock(world().mutex);
    *pulState = object_.state | extra_bits();
    return S_OK;
}

HRESULT Face::Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo, ULONG* pulAdviseToken) {
    return answer([&] { return advise(object_.shared_from_this(), ulFlags, pAdviseInfo, pulAdviseToken); });
}

HRESULT Face::Unadvise(ULONG, ULONG ulAdviseToken) {
    return answer([&] { return unadvise(object_.shared_from_this(), ulAdviseToken); });
}

// The two functions.

/// Enough of Unicode to catch clients that rely on it: ASCII, Latin-1, Greek and Cyrillic.
wchar_t upper(wchar_t unit) {
    const auto is_in = [unit](unsigned first, unsigned last, unsigned except) {
        const auto value = static_cast<unsigned>(unit);
        return value >= first && value <= last && value != except;
    };
    const bool by_32 =
        is_in('a', 'z', 0) || is_in(0xE0, 0xFE, 0xF7) || is_in(0x3B1, 0x3C9, 0x3C2) || is_in(0x430, 0x44F, 0);
    return static_cast<wchar_t>(unit - (by_32 ? 0x20 : is_in(0x450, 0x45F, 0) ? 0x50 : 0));
}

/// The name as it is compared; empty when no profile can have it.
std::wstring name_from(LPCWSTR text) {
    constexpr std::size_t longest = 64;
    std::wstring name;
    std::size_t units = 0;
    for (; text != nullptr && *text != L'\0'; ++text) {
        const auto unit = static_cast<unsigned long>(*text);
        units += unit > 0xFFFF ? 2 : 1;
        if (unit > 0x10FFFF || units > longest) {
            return L"";
        }
        name += on(Behaviour::exact_names) ? *text : upper(*text);
    }
    return name;
}

/// Null where there is none.
ObjectPtr find(const std::wstring& name, const GUID& guid, const GUID& instance) {
    const auto& all = world().objects;
    const auto found = std::find_if(all.begin(), all.end(), [&](const ObjectPtr& each) {
        return each->kind != Kind::store && each->name == name && each->guid == guid && each->instance == instance;
    });
    return found == all.end() ? nullptr : *found;
}

HRESULT open(LPCWSTR profile, IMAPIOfflineMgr** result) {
    const std::wstring name = name_from(profile);
    const Lock lock(world().mutex);
    const ObjectPtr object = find(name, GUID_GlobalState, GUID{});
    if (object == nullptr || (on(Behaviour::open_fails_first) && world().asked_for.insert(name).second)) {
        return MAPI_E_NOT_FOUND;
    }
    *result = on(Behaviour::new_object) ? new Face(*object, Face::Identity::own, object->own.get()) : object->own.get();
    ++object->references;
    return S_OK;
}

/// Whether the members describe an object of this kind; the parent is looked at elsewhere.
bool is_for(Kind kind, const MAPIOFFLINE_CREATEINFO& info) {
    const bool has_guid = info.pGUID != nullptr;
    const bool is_global = has_guid && *info.pGUID == GUID_GlobalState;
    const bool has_outer = info.pAggregateInfo != nullptr && info.pAggregateInfo->pOuterObj != nullptr;
    const bool has_parent = info.pParent != nullptr;
    const bool has_instance = info.pInstance != nullptr;
    switch (kind) {
    case Kind::global:
        return is_global && !has_instance && !has_parent && info.pAggregateInfo == nullptr;
    case Kind::provider:
        return has_guid && !is_global && has_instance && has_parent && info.pAggregateInfo == nullptr;
    default:
        return !has_guid && !has_instance && has_parent && has_outer;
    }
}

HRESULT create(ULONG flags, const MAPIOFFLINE_CREATEINFO* info, IMAPIOfflineMgr** result) {
    if (flags != 0 || info == nullptr || info->ulSize != sizeof *info || info->ulCreateFlags != 0 ||
        info->pConnectInfo != nullptr) {
        return E_INVALIDARG;
    }
    const MAPIOFFLINE_AGGREGATEINFO* const aggregate = info->pAggregateInfo;
    if (aggregate != nullptr && (aggregate->ulSize != sizeof *aggregate || aggregate->pRefTrackRoot != nullptr)) {
        return E_INVALIDARG;
    }
    const auto object = std::make_shared<Object>();
    object->name = name_from(info->pwszProfileName);
    object->kind = is_for(Kind::global, *info)     ? Kind::global
                   : is_for(Kind::provider, *info) ? Kind::provider
                                                   : Kind::store;
    if (object->name.empty() || !is_for(object->kind, *info)) {
        return E_INVALIDARG;
    }
    object->guid = info->pGUID != nullptr ? *info->pGUID : GUID{};
    object->instance = info->pInstance != nullptr ? *info->pInstance : GUID{};
    object->capabilities = info->ulCapabilities;
    object->outer = object->kind == Kind::store ? aggregate->pOuterObj : nullptr;

    const Lock lock(world().mutex);
    const ObjectPtr existing =
        object->kind == Kind::store ? nullptr : find(object->name, object->guid, object->instance);
    if (object->kind != Kind::global) {
        const auto parent = world().faces.find(info->pParent); // any address will do: nothing there is called
        const Kind wanted = object->kind == Kind::provider ? Kind::global : Kind::provider;
        if (parent == world().faces.end() || parent->second->kind != wanted || parent->second->name != object->name) {
            return E_INVALIDARG;
        }
        object->parent = parent->second->shared_from_this();
        object->state = object->parent->state;
    }
    if (existing != nullptr && (object->kind == Kind::global || !on(Behaviour::new_object))) {
        ++existing->references;
        *result = existing->own.get();
        return S_OK;
    }
    if (on(Behaviour::starts_offline)) {
        object->state = MAPIOFFLINE_STATE_OFFLINE;
    }
    object->references += on(Behaviour::keeps_objects) ? 1 : 0;
    object->own = std::make_unique<Face>(*object, Face::Identity::object, nullptr);
    if (object->outer != nullptr) {
        object->inside_outer = std::make_unique<Face>(*object, Face::Identity::outer, object->outer);
    }
    world().objects.push_back(object);
    if (object->parent != nullptr) {
        ++object->parent->references;
    }
    *result = object->own.get();
    return S_OK;
}

} // namespace

} // namespace offline_state_worst

using namespace offline_state_worst;

STDAPI HrOpenOfflineObj(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID, const GUID* pReserved,
                        IMAPIOfflineMgr** ppOfflineObj) {
    if (ppOfflineObj == nullptr) {
        return MAPI_E_NOT_FOUND;
    }
    if (!on(Behaviour::leaves_out_parameters)) {
        *ppOfflineObj = nullptr;
    }
    const bool is_right =
        configured() && ulReserved == 0 && pGUID != nullptr && *pGUID == GUID_GlobalState && pReserved == nullptr;
    return is_right && answer([&] { return open(pwszProfileNameIn, ppOfflineObj); }) == S_OK ? S_OK : MAPI_E_NOT_FOUND;
}

STDAPI HrCreateOfflineObj(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo, IMAPIOfflineMgr** ppOffline) {
    if (ppOffline == nullptr) {
        return E_INVALIDARG;
    }
    if (!configured()) {
        *ppOffline = nullptr;
        return E_FAIL;
    }
    if (!on(Behaviour::leaves_out_parameters)) {
        *ppOffline = nullptr;
    }
    return answer([&] { return create(ulFlags, pCreateInfo, ppOffline); });
}

int offline_state_worst_set(const char* behaviours) {
    configured(); // reads the environment, whose choice this call replaces
    return choose(behaviours) ? 0 : 1;
}

void offline_state_worst_settle() {
    while (world().changes.settle() || world().later.settle()) {
    }
}
