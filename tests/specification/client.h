// The library under test, its host and its clients, in short words. The host is played with HrCreateOfflineObj alone.
#pragma once

#include "support/counted.h"
#include "support/event.h"

#include <mapioffline.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace offline_state_specification {

using offline_state_tests::ComPtr;
using offline_state_tests::Counted;
using Object = ComPtr<IMAPIOfflineMgr>;

/// An object as an argument, whoever holds the reference.
class ObjectRef {
public:
    // NOLINTBEGIN(misc-explicit-constructor): it is for arguments
    ObjectRef(const Object& object) : object_(object.Get()) {}
    ObjectRef(IMAPIOfflineMgr* object) : object_(object) {}
    // NOLINTEND(misc-explicit-constructor)
    IMAPIOfflineMgr* operator->() const { return object_; }
    IMAPIOfflineMgr* get() const { return object_; }

private:
    IMAPIOfflineMgr* const object_;
};

constexpr ULONG online = MAPIOFFLINE_STATE_ONLINE;
constexpr ULONG offline = MAPIOFFLINE_STATE_OFFLINE;
constexpr ULONG by_default = MAPIOFFLINE_FLAG_DEFAULT;
constexpr ULONG block = MAPIOFFLINE_FLAG_BLOCK;
constexpr ULONG both_capabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;

constexpr GUID provider_guid{0x2E7BD1C5, 0x9F30, 0x4A68, {0xB1, 0x0C, 0x5D, 0x77, 0x03, 0xE8, 0x4F, 0x92}};
constexpr GUID instance_guid{0x84C6A03D, 0x17E2, 0x4B59, {0x8E, 0x61, 0xD0, 0x2A, 0x9B, 0x35, 0xCC, 0x1F}};
constexpr GUID other_guid{0x5A19E4F7, 0xC82B, 0x4D06, {0x97, 0x3E, 0x68, 0xF1, 0x20, 0xA4, 0x0B, 0xD3}};

/// What an out-parameter holds before a call that must set it.
constexpr ULONG poison = 0xDEADBEEF;
IMAPIOfflineMgr* poisoned_pointer();

/// All that a test knows of the library. The program sets it before the tests run.
struct Library {
    HROPENOFFLINEOBJ* open = nullptr;
    HRCREATEOFFLINEOBJ* create = nullptr; // null where it is not exported, or not to be called
    std::string why_no_create = "the library does not export HrCreateOfflineObj";
    std::wstring profile = L"Specification";
    std::chrono::milliseconds cap{60'000}; // what does not come in that time has failed
    bool sends_others = false;             // it may send notifications that are not part of the API (ABOUT-5)
};
Library& library();

/// Both end the test at once, however deep in calls its own thread is.
[[noreturn]] void fail(const std::string& reason);
[[noreturn]] void not_testable(const std::string& reason);

/// "E_PENDING", or the number.
std::string name_of(HRESULT result);

/// Something that happens once, on any thread.
class Signal : public offline_state_tests::Event {
public:
    bool wait() { return Event::wait(library().cap); }
};

/// The call that may hang now, for the watchdog.
struct Call {
    const char* name; // or null
    std::chrono::steady_clock::time_point begun;
};
Call current_call();

// Objects.

/// The profile's name, and others made of it.
LPCWSTR profile();
std::wstring profile(const wchar_t* suffix);

/// HrOpenOfflineObj with the documented arguments.
HRESULT open(LPCWSTR name, Object& object);
bool exists(LPCWSTR name);

/// The same for an object that exists: a library may fail the first time, for no page says when it must not.
HRESULT open_patiently(LPCWSTR name, Object& object);

/// Whether an object ends when nobody holds it any more (CREATE-5). Decided here: a library may keep it.
bool objects_end();

/// HrCreateOfflineObj; not testable where it is not exported.
HRESULT create(MAPIOFFLINE_CREATEINFO info, Object& object);

/// What describes a profile's global object, a provider's and a store's. What they point to must outlive them.
MAPIOFFLINE_CREATEINFO global_info(LPCWSTR name = profile(), ULONG capabilities = both_capabilities);
MAPIOFFLINE_CREATEINFO provider_info(ObjectRef parent, const GUID& instance = instance_guid,
                                     ULONG capabilities = both_capabilities);
MAPIOFFLINE_CREATEINFO store_info(ObjectRef parent, MAPIOFFLINE_AGGREGATEINFO& aggregate);

/// A new global object; not testable where there can be none.
Object new_object(LPCWSTR name = profile(), ULONG capabilities = both_capabilities);

/// The profile's object: a new one, or where the library creates none the one that it has.
Object any_object();

/// A failure fails the test.
Object new_provider(const Object& parent, const GUID& instance = instance_guid, ULONG capabilities = both_capabilities);

/// The methods without a meaning.
constexpr HRESULT (STDMETHODCALLTYPE IMAPIOfflineMgr::* placeholders[])() = {
    &IMAPIOfflineMgr::Placeholder6,  &IMAPIOfflineMgr::Placeholder9,  &IMAPIOfflineMgr::Placeholder10,
    &IMAPIOfflineMgr::Placeholder11, &IMAPIOfflineMgr::Placeholder12, &IMAPIOfflineMgr::Placeholder13,
    &IMAPIOfflineMgr::Placeholder14, &IMAPIOfflineMgr::Placeholder15};

/// Whether two pointers are to one object.
bool is_same(IUnknown* left, IUnknown* right);

// Calls.

HRESULT set_state(ObjectRef object, ULONG state, ULONG flags = by_default);
/// Repeats the call while it gives E_PENDING.
HRESULT set_state_patiently(ObjectRef object, ULONG state, ULONG flags = by_default);
HRESULT unadvise(ObjectRef object, ULONG token);

/// A result other than S_OK fails the test.
ULONG advise(ObjectRef object, IUnknown* callback, ULONG client_token = 0);
MAPIOFFLINE_ADVISEINFO advise_info(IUnknown* callback, ULONG client_token = 0);

/// `online` or `offline`; anything else fails the test.
ULONG state_of(ObjectRef object);
ULONG capabilities_of(ObjectRef object);

constexpr ULONG other(ULONG state) {
    return state == online ? offline : online;
}

/// Starts a change, to the other state if none is given, and gives its state. While another one ends, it tries again.
ULONG start_change(ObjectRef object, ULONG state);
ULONG start_change(ObjectRef object);

/// Starts a change and waits until it is over, by a registration of its own.
void change(const Object& object, ULONG state);

/// Looks again and again until it is true; false when the time is over.
bool until(const std::function<bool()>& condition);

/// Calls it on so many threads at once, with 0, 1, 2, …, and waits until all have returned.
void on_threads(unsigned count, const std::function<void(unsigned)>& body);

// Notifications.

/// Any other one is for nobody (ABOUT-5, NOTIFY-8).
inline bool is_of_a_change(const MAPIOFFLINE_NOTIFY& notification) {
    return notification.NotifyType >= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START &&
           notification.NotifyType <= MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
           notification.Info.StateChange.ulMask == MAPIOFFLINE_STATE_OFFLINE_MASK;
}
inline bool is_start(const MAPIOFFLINE_NOTIFY& notification) {
    return notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
}
inline bool is_done(const MAPIOFFLINE_NOTIFY& notification) {
    return notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
}

using Lines = std::vector<std::string>;

Lines operator+(Lines left, const Lines& right);

/// "START online->offline", "online->offline", and the three lines of a change.
std::string text(const MAPIOFFLINE_NOTIFY& notification);
std::string states(ULONG from, ULONG to);
Lines change_from(ULONG from, ULONG to);

/// Each of these phases, received by each of these names in turn.
Lines phase_by_phase(const Lines& phases, const Lines& names);

/// A client's callback, which keeps what it receives: only changes, if the library sends others too.
class Recorder final : public Counted<Recorder, IMAPIOfflineNotify> {
public:
    using Action = std::function<void(const MAPIOFFLINE_NOTIFY&)>;

    struct Received {
        MAPIOFFLINE_NOTIFY notification;
        std::thread::id thread;
    };

    /// @param action Done in each Notify, after it has been recorded.
    explicit Recorder(Action action = {}) : action_(std::move(action)) {}

    /// Waits until no action is running on another thread. From then on none is done: what it uses may end, though a
    /// Notify may still come (UNADVISE-3 is decided here).
    void leave();

    /// Waits until only `count` references are left, for Release may come from another thread.
    bool wait_for_references(ULONG count);

    std::vector<Received> received();
    Lines texts();
    /// The changes that it was notified of, by their DONE: "online->offline".
    Lines changes();
    /// Waits until its action has been done for so many DONE; a failure when they do not come.
    void wait_for_done(std::size_t count = 1);
    /// The same as start_change, and waits for DONE.
    template <class... Arguments>
    ULONG await_change(const Arguments&... arguments) {
        const std::size_t before = done_;
        const ULONG to = start_change(arguments...);
        wait_for_done(before + 1);
        return to;
    }

    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

private:
    const Action action_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Received> received_;
    std::vector<std::thread::id> acting_;
    bool left_ = false;
    std::atomic<std::size_t> done_{0};
};

/// A callback and its registration, which ends with it.
class Client {
public:
    explicit Client(const Object& object, Recorder::Action action = {}, ULONG client_token = 0);
    ~Client() {
        unadvise();
        recorder_->leave();
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Recorder* operator->() const { return recorder_.Get(); }
    ULONG token() const { return token_; }
    HRESULT unadvise();

private:
    const Object object_;
    const ComPtr<Recorder> recorder_;
    const ULONG token_;
    std::atomic<bool> registered_{true};
};

/// A client that holds the first notification of one phase until it is let go. Until then a change is under way.
class Holder {
public:
    explicit Holder(const Object& object, int phase = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START);
    ~Holder() { let_go(); }

    Client& client() { return client_; }
    /// Waits until it holds one; a failure when none comes.
    void wait_until_it_holds();
    /// The same as start_change, and waits until it holds one.
    template <class... Arguments>
    ULONG hold_change(const Arguments&... arguments) {
        const ULONG to = start_change(arguments...);
        wait_until_it_holds();
        return to;
    }
    void let_go() { released_.set(); }
    /// Lets go, and waits until the change is over.
    void release();

private:
    Signal entered_;
    Signal released_;
    Client client_;
};

/// What several callbacks received, in one list.
class Journal {
public:
    /// For a callback that writes what it receives, with this name.
    Recorder::Action writer(const std::string& name);
    void add(const std::string& line);
    /// Waits for so many lines; what it has when the time is over.
    Lines wait_for(std::size_t count);
    Lines lines() { return wait_for(0); }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    Lines lines_;
};

/// A call on a thread of its own, to see whether it waits for something. The end of it is waited for.
class ParallelCall {
public:
    explicit ParallelCall(std::function<void()> call);
    ~ParallelCall() { join(); }

    /// Comes back when the call waits (true) or has returned (false).
    bool waits();
    void join();

private:
    Signal returned_;
    std::atomic<long> thread_number_{0};
    std::thread thread_;
};

/// A message store: the object that is aggregated into it answers for the offline interfaces, the store for all others.
class Store final : public Counted<Store, IUnknown> {
public:
    /// One below this provider's object; a failure fails the test.
    static ComPtr<Store> below(ObjectRef provider, LPCWSTR name = profile());

    HRESULT aggregate(ObjectRef provider, LPCWSTR name = profile());

    /// The object's own face, which only the store holds.
    const Object& inner() const { return inner_; }
    /// How often the store has been asked for an interface.
    ULONG questions() const { return questions_; }

    /// What a client of the store gets when it asks for the offline object.
    Object face();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;

private:
    std::atomic<ULONG> questions_{0};
    Object inner_;
};

} // namespace offline_state_specification
