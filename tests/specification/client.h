// The library under test, its host and its clients, in short words. The host is played with HrCreateOfflineObj alone.
#pragma once

#include "support/event.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace offline_state_specification {

using Microsoft::WRL::ComPtr;
using Object = ComPtr<IMAPIOfflineMgr>;

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
    HRCREATEOFFLINEOBJ* create = nullptr; // null where it is not exported
    std::wstring profile = L"Specification";
    std::chrono::milliseconds cap{60'000}; // what does not come in that time has failed
};
Library& library();

/// Both end the test at once, from any depth of calls on its own thread.
[[noreturn]] void fail(const std::string& reason);
[[noreturn]] void not_testable(const std::string& reason);

/// "E_PENDING", or the number.
std::string name_of(HRESULT result);

/// Something that happens once, on any thread.
class Signal : public offline_state_tests::Event {
public:
    bool wait() { return Event::wait(library().cap); }
};

// The call that may hang just now, for who watches.

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
MAPIOFFLINE_CREATEINFO provider_info(const Object& parent, const GUID& instance = instance_guid,
                                     ULONG capabilities = both_capabilities);
MAPIOFFLINE_CREATEINFO store_info(const Object& parent, MAPIOFFLINE_AGGREGATEINFO& aggregate);

/// A new global object; not testable where there can be none.
Object new_object(LPCWSTR name = profile(), ULONG capabilities = both_capabilities);

/// The profile's object: a new one, or where the library creates none the one that it has.
Object any_object();

/// A failure fails the test.
Object new_provider(const Object& parent, const GUID& instance = instance_guid, ULONG capabilities = both_capabilities);

/// Whether two pointers are to one object.
bool is_same(IUnknown* left, IUnknown* right);

// Calls.

HRESULT set_state(const Object& object, ULONG state, ULONG flags = by_default);
/// The same again and again, while it gives E_PENDING.
HRESULT set_state_patiently(const Object& object, ULONG state, ULONG flags = by_default);
HRESULT unadvise(const Object& object, ULONG token);

/// A result other than S_OK fails the test.
ULONG advise(const Object& object, IUnknown* callback, ULONG client_token = 0);
MAPIOFFLINE_ADVISEINFO advise_info(IUnknown* callback, ULONG client_token = 0);

/// `online` or `offline`; anything else fails the test.
ULONG state_of(const Object& object);
ULONG capabilities_of(const Object& object);

constexpr ULONG other(ULONG state) {
    return state == online ? offline : online;
}

/// Starts a change. While that is pending, it tries again.
void start_change(const Object& object, ULONG state);

/// Starts a change to the other state, and gives that one.
ULONG start_change(const Object& object);

/// The same, and waits until it is over, by a registration of its own.
void change(const Object& object, ULONG state);

/// Looks again and again until it is true; false when the time is over.
bool until(const std::function<bool()>& condition);

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

/// Each of these phases, as told to each of these names in turn.
Lines phase_by_phase(const Lines& phases, const Lines& names);

/// A client's callback. It counts its references and keeps what it is told of changes.
class Recorder final : public IMAPIOfflineNotify {
public:
    using Action = std::function<void(const MAPIOFFLINE_NOTIFY&)>;

    struct Told {
        MAPIOFFLINE_NOTIFY notification;
        std::thread::id thread;
    };

    /// @param action Done in each Notify, before it is recorded: what has been recorded has been done.
    static ComPtr<Recorder> create(Action action = {});

    /// How many of them there are.
    static int alive();

    /// Waits until no action is running on another thread. From then on none is done: what it uses may end, though a
    /// Notify may still come (UNADVISE-3 is decided here).
    void leave();

    ULONG references() const { return references_; }
    /// Waits until only `count` references are left, for Release may come from another thread.
    bool wait_for_references(ULONG count);

    std::vector<Told> told();
    Lines texts();
    /// The changes that it has been told of, by their DONE: "online->offline".
    Lines changes();
    /// Waits until it has been told of so many changes, to their DONE; a failure when it is not.
    void wait_for_done(std::size_t count = 1);

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override;
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

private:
    explicit Recorder(Action action);
    ~Recorder();

    std::atomic<ULONG> references_{1};
    const Action action_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Told> told_;
    std::vector<std::thread::id> acting_;
    bool left_ = false;
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

/// A client that holds the first notification of one phase until it is let go: meanwhile a change is under way.
class Holder {
public:
    explicit Holder(const Object& object, int phase = MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START);
    ~Holder() { let_go(); }

    Client& client() { return client_; }
    /// Waits until it holds one; a failure when none comes.
    void wait_until_it_holds();
    void let_go() { released_.set(); }
    /// Lets go, and waits until the change is over.
    void release();

private:
    Signal entered_;
    Signal released_;
    Client client_;
};

/// What several callbacks were told, in one list.
class Journal {
public:
    /// For a callback that writes what it is told, with this name.
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
class CallAside {
public:
    explicit CallAside(std::function<void()> call);
    ~CallAside() { join(); }

    /// Comes back when the call waits (true) or has returned (false).
    bool waits();
    void join();

private:
    Signal returned_;
    std::atomic<long> thread_number_{0};
    std::thread thread_;
};

/// A message store: the object that is aggregated into it answers for the offline interfaces, it for all others.
class Store final : public IUnknown {
public:
    /// A failure fails the test.
    static ComPtr<Store> create(const Object& provider);

    /// The object's own face, which only the store holds.
    const Object& inner() const { return inner_; }
    ULONG references() const { return references_; }
    ULONG questions() const { return questions_; }

    /// What a client of the store gets when it asks for the offline object.
    Object face();

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override;

private:
    Store() = default;
    ~Store() = default;

    std::atomic<ULONG> references_{1};
    std::atomic<ULONG> questions_{0};
    Object inner_;
};

} // namespace offline_state_specification
