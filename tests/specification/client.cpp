#include "client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#ifdef __linux__
#include <fstream>

#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace offline_state_specification {

namespace {

std::atomic<const char*> call_name{nullptr};
std::atomic<std::chrono::steady_clock::time_point> call_begun{std::chrono::steady_clock::now()};

/// Names a call while it lives. Relaxed, so that ThreadSanitizer sees no order here between threads that call at once.
class Calling {
public:
    explicit Calling(const char* call) : before_(call_name.exchange(call, std::memory_order_relaxed)) {
        call_begun.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
    }
    ~Calling() { call_name.store(before_, std::memory_order_relaxed); }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

private:
    const char* const before_;
};

[[noreturn]] void end_test() {
    throw testing::AssertionException(testing::TestPartResult(testing::TestPartResult::kSuccess, nullptr, 0, ""));
}

void must_give_ok(const std::string& call, HRESULT result) {
    if (result != S_OK) {
        fail(call + " gives " + name_of(result) + ", not S_OK");
    }
}

std::string text_of_state(ULONG state) {
    return state == online ? "online" : state == offline ? "offline" : "state " + std::to_string(state);
}

std::string joined(const Lines& lines) {
    std::string all;
    for (const std::string& line : lines) {
        all += (all.empty() ? "" : ", ") + line;
    }
    return all.empty() ? "nothing" : all;
}

} // namespace

IMAPIOfflineMgr* poisoned_pointer() {
    static char nowhere[sizeof(void*)] = {};
    return reinterpret_cast<IMAPIOfflineMgr*>(nowhere); // compared, and never called
}

Library& library() {
    static Library one;
    return one;
}

void fail(const std::string& reason) {
    ADD_FAILURE() << reason;
    end_test();
}

void not_testable(const std::string& reason) {
    [&] { GTEST_SKIP() << reason; }();
    end_test();
}

std::string name_of(HRESULT result) {
    const std::pair<HRESULT, const char*> names[] = {{S_OK, "S_OK"},
                                                     {E_PENDING, "E_PENDING"},
                                                     {E_INVALIDARG, "E_INVALIDARG"},
                                                     {E_NOINTERFACE, "E_NOINTERFACE"},
                                                     {E_POINTER, "E_POINTER"},
                                                     {E_NOTIMPL, "E_NOTIMPL"},
                                                     {E_OUTOFMEMORY, "E_OUTOFMEMORY"},
                                                     {MAPI_E_NOT_FOUND, "MAPI_E_NOT_FOUND"}};
    for (const auto& [value, name] : names) {
        if (value == result) {
            return name;
        }
    }
    char text[16];
    std::snprintf(text, sizeof text, "0x%08lX", static_cast<unsigned long>(static_cast<ULONG>(result)));
    return text;
}

Call current_call() {
    return {call_name, call_begun};
}

LPCWSTR profile() {
    return library().profile.c_str();
}

std::wstring profile(const wchar_t* suffix) {
    return library().profile + suffix;
}

HRESULT open(LPCWSTR name, Object& object) {
    const HRESULT result = library().open(0, name, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf());
    if (result == S_OK && !object) {
        fail("HrOpenOfflineObj gives S_OK and a null pointer");
    }
    return result;
}

bool exists(LPCWSTR name) {
    Object object;
    return open(name, object) == S_OK;
}

HRESULT open_patiently(LPCWSTR name, Object& object) {
    HRESULT result = E_FAIL;
    for (int tries = 0; tries < 3 && result != S_OK; ++tries) {
        result = open(name, object);
    }
    return result;
}

bool objects_end() {
    const std::wstring name = profile(L" ends");
    new_object(name.c_str());
    Object object;
    return open_patiently(name.c_str(), object) != S_OK;
}

HRESULT create(MAPIOFFLINE_CREATEINFO info, Object& object) {
    if (library().create == nullptr) {
        not_testable(library().why_no_create);
    }
    const HRESULT result = library().create(0, &info, object.ReleaseAndGetAddressOf());
    if (result == S_OK && !object) {
        fail("HrCreateOfflineObj gives S_OK and a null pointer");
    }
    return result;
}

MAPIOFFLINE_CREATEINFO global_info(LPCWSTR name, ULONG capabilities) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = name;
    info.ulCapabilities = capabilities;
    info.pGUID = &GUID_GlobalState;
    return info;
}

MAPIOFFLINE_CREATEINFO provider_info(ObjectRef parent, const GUID& instance, ULONG capabilities) {
    MAPIOFFLINE_CREATEINFO info = global_info(profile(), capabilities);
    info.pGUID = &provider_guid;
    info.pInstance = &instance;
    info.pParent = parent.get();
    return info;
}

MAPIOFFLINE_CREATEINFO store_info(ObjectRef parent, MAPIOFFLINE_AGGREGATEINFO& aggregate) {
    MAPIOFFLINE_CREATEINFO info = global_info();
    info.pGUID = nullptr;
    info.pParent = parent.get();
    info.pAggregateInfo = &aggregate;
    return info;
}

namespace {

HRESULT try_create(LPCWSTR name, ULONG capabilities, Object& object) {
    return library().create == nullptr ? E_NOTIMPL : create(global_info(name, capabilities), object);
}

[[noreturn]] void there_is_no_object(HRESULT created) {
    Object object;
    const HRESULT opened = open(profile(), object);
    if (opened != S_OK) {
        not_testable("HrOpenOfflineObj says " + name_of(opened) + ", is this running inside Outlook?");
    }
    not_testable(library().create == nullptr
                     ? library().why_no_create
                     : "HrCreateOfflineObj creates no global object: it gives " + name_of(created));
}

} // namespace

Object new_object(LPCWSTR name, ULONG capabilities) {
    Object object;
    const HRESULT result = try_create(name, capabilities, object);
    if (result != S_OK) {
        there_is_no_object(result);
    }
    return object;
}

Object any_object() {
    Object object;
    const HRESULT result = try_create(profile(), both_capabilities, object);
    if (result != S_OK && open(profile(), object) != S_OK) {
        there_is_no_object(result);
    }
    return object;
}

Object new_provider(const Object& parent, const GUID& instance, ULONG capabilities) {
    Object object;
    must_give_ok("HrCreateOfflineObj for a provider's object",
                 create(provider_info(parent, instance, capabilities), object));
    return object;
}

bool is_same(IUnknown* left, IUnknown* right) {
    ComPtr<IUnknown> identities[2];
    must_give_ok("QueryInterface for IUnknown",
                 left->QueryInterface(IID_IUnknown, reinterpret_cast<void**>(identities[0].GetAddressOf())));
    must_give_ok("QueryInterface for IUnknown",
                 right->QueryInterface(IID_IUnknown, reinterpret_cast<void**>(identities[1].GetAddressOf())));
    return identities[0].Get() == identities[1].Get();
}

HRESULT set_state(ObjectRef object, ULONG state, ULONG flags) {
    const Calling calling(flags == block ? "SetCurrentState with BLOCK" : "SetCurrentState with DEFAULT");
    return object->SetCurrentState(flags, MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr);
}

HRESULT set_state_patiently(ObjectRef object, ULONG state, ULONG flags) {
    HRESULT result = E_PENDING;
    until([&] { return (result = set_state(object, state, flags)) != E_PENDING; });
    return result;
}

HRESULT unadvise(ObjectRef object, ULONG token) {
    const Calling calling("Unadvise");
    return object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
}

MAPIOFFLINE_ADVISEINFO advise_info(IUnknown* callback, ULONG client_token) {
    return {sizeof(MAPIOFFLINE_ADVISEINFO),      client_token,         MAPIOFFLINE_CALLBACK_TYPE_NOTIFY, callback,
            MAPIOFFLINE_ADVISE_TYPE_STATECHANGE, MAPIOFFLINE_STATE_ALL};
}

ULONG advise(ObjectRef object, IUnknown* callback, ULONG client_token) {
    const Calling calling("Advise");
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback, client_token);
    ULONG token = poison;
    must_give_ok("Advise", object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    return token;
}

ULONG state_of(ObjectRef object) {
    const Calling calling("GetCurrentState");
    ULONG state = poison;
    must_give_ok("GetCurrentState", object->GetCurrentState(&state));
    if (state == poison) {
        fail("GetCurrentState does not set the state");
    }
    state &= MAPIOFFLINE_STATE_OFFLINE_MASK;
    if (state != online && state != offline) {
        fail("GetCurrentState gives neither online nor offline");
    }
    return state;
}

ULONG capabilities_of(ObjectRef object) {
    ULONG capabilities = poison;
    must_give_ok("GetCapabilities", object->GetCapabilities(&capabilities));
    if (capabilities == poison) {
        fail("GetCapabilities does not set the mask");
    }
    return capabilities & both_capabilities;
}

ULONG start_change(ObjectRef object, ULONG state) {
    must_give_ok("SetCurrentState with DEFAULT", set_state_patiently(object, state));
    return state;
}

ULONG start_change(ObjectRef object) {
    return start_change(object, other(state_of(object)));
}

void change(const Object& object, ULONG state) {
    const Client witness(object);
    witness->await_change(object, state);
}

bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + library().cap;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

void on_threads(unsigned count, const std::function<void(unsigned)>& body) {
    Signal go;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            go.wait();
            body(i);
        });
    }
    go.set();
    for (std::thread& thread : threads) {
        thread.join();
    }
}

Lines operator+(Lines left, const Lines& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

std::string states(ULONG from, ULONG to) {
    return text_of_state(from) + "->" + text_of_state(to);
}

std::string text(const MAPIOFFLINE_NOTIFY& notification) {
    const char* const names[] = {"", "START", "STATECHANGE", "DONE"};
    const int type = notification.NotifyType;
    return (type >= 1 && type <= 3 ? names[type] : "type " + std::to_string(type)) + ' ' +
           states(notification.Info.StateChange.ulStateOld, notification.Info.StateChange.ulStateNew);
}

Lines change_from(ULONG from, ULONG to) {
    const std::string both = states(from, to);
    return {"START " + both, "STATECHANGE " + both, "DONE " + both};
}

Lines phase_by_phase(const Lines& phases, const Lines& names) {
    Lines lines;
    for (const std::string& phase : phases) {
        for (const std::string& name : names) {
            lines.emplace_back(name).append(" ").append(phase);
        }
    }
    return lines;
}

bool Recorder::wait_for_references(ULONG count) {
    return until([&] { return references() <= count; });
}

std::vector<Recorder::Received> Recorder::received() {
    const std::lock_guard lock(mutex_);
    return received_;
}

Lines Recorder::texts() {
    Lines all;
    for (const Received& each : received()) {
        all.push_back(text(each.notification));
    }
    return all;
}

Lines Recorder::changes() {
    Lines all;
    for (const Received& each : received()) {
        if (is_done(each.notification)) {
            const auto& change = each.notification.Info.StateChange;
            all.push_back(states(change.ulStateOld, change.ulStateNew));
        }
    }
    return all;
}

void Recorder::wait_for_done(std::size_t count) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, library().cap, [&] { return done_ >= count; });
    lock.unlock();
    if (!came) {
        fail("a client waits for DONE and has received: " + joined(texts()));
    }
}

void Recorder::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    const MAPIOFFLINE_NOTIFY notification = *pNotifyInfo;
    if (library().sends_others && !is_of_a_change(notification)) {
        return;
    }
    std::unique_lock lock(mutex_);
    received_.push_back({notification, std::this_thread::get_id()});
    if (action_ && !left_) {
        acting_.push_back(std::this_thread::get_id());
        lock.unlock();
        struct Acted { // or thrown something
            Recorder& recorder;
            ~Acted() {
                const std::lock_guard again(recorder.mutex_);
                auto& all = recorder.acting_;
                all.erase(std::find(all.begin(), all.end(), std::this_thread::get_id()));
                recorder.changed_.notify_all();
            }
        };
        {
            const Acted acted{*this};
            action_(notification);
        }
        lock.lock();
    }
    if (is_done(notification)) {
        ++done_;
    }
    changed_.notify_all();
}

void Recorder::leave() {
    std::unique_lock lock(mutex_);
    left_ = true;
    changed_.wait(lock, [&] {
        return std::all_of(acting_.begin(), acting_.end(),
                           [](std::thread::id thread) { return thread == std::this_thread::get_id(); });
    });
}

Client::Client(const Object& object, Recorder::Action action, ULONG client_token)
    : object_(object), recorder_(Recorder::create(std::move(action))),
      token_(advise(object, recorder_.Get(), client_token)) {
}

HRESULT Client::unadvise() {
    return registered_.exchange(false) ? offline_state_specification::unadvise(object_, token_) : S_OK;
}

Holder::Holder(const Object& object, int phase)
    : client_(object, [this, phase](const MAPIOFFLINE_NOTIFY& notification) {
          if (notification.NotifyType == phase) {
              entered_.set();
              released_.wait();
          }
      }) {
}

void Holder::wait_until_it_holds() {
    if (!entered_.wait()) {
        fail("no notification comes");
    }
}

void Holder::release() {
    let_go();
    client_->wait_for_done();
}

Recorder::Action Journal::writer(const std::string& name) {
    return [this, name](const MAPIOFFLINE_NOTIFY& notification) { add(name + ' ' + text(notification)); };
}

void Journal::add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    changed_.notify_all();
}

Lines Journal::wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, library().cap, [&] { return lines_.size() >= count; });
    return lines_;
}

ParallelCall::ParallelCall(std::function<void()> call)
    : thread_([this, makes = std::move(call)] {
#ifdef __linux__
          thread_number_ = syscall(SYS_gettid);
#endif
          makes();
          returned_.set();
      }) {
}

void ParallelCall::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

#ifdef __linux__

bool ParallelCall::waits() {
    constexpr int often_enough = 10; // a wait for a lock inside the call is over sooner
    int asleep = 0;
    until([&] { // a call that waits in a loop is awake until the time is over
        std::ifstream file("/proc/self/task/" + std::to_string(thread_number_) + "/stat");
        std::string line;
        std::getline(file, line);
        const std::size_t name_end = line.rfind(") ");
        asleep = name_end != std::string::npos && line.compare(name_end + 2, 1, "S") == 0 ? asleep + 1 : 0;
        return returned_.Event::wait(std::chrono::milliseconds(1)) || asleep == often_enough;
    });
    return !returned_.is_set();
}

#else

bool ParallelCall::waits() {
    // Only a library that is wrong ends this early, so a slow machine can at worst hide a fault.
    return !returned_.Event::wait(std::chrono::milliseconds(100));
}

#endif

ComPtr<Store> Store::below(ObjectRef provider, LPCWSTR name) {
    ComPtr<Store> store = create();
    must_give_ok("HrCreateOfflineObj for a store's object", store->aggregate(provider, name));
    return store;
}

HRESULT Store::aggregate(ObjectRef provider, LPCWSTR name) {
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, this, nullptr};
    MAPIOFFLINE_CREATEINFO info = store_info(provider, aggregate);
    info.pwszProfileName = name;
    return offline_state_specification::create(info, inner_);
}

Object Store::face() {
    Object face;
    must_give_ok("QueryInterface for IMAPIOfflineMgr on a store",
                 QueryInterface(IID_IMAPIOfflineMgr, reinterpret_cast<void**>(face.GetAddressOf())));
    return face;
}

HRESULT Store::QueryInterface(REFIID riid, void** ppvObject) {
    ++questions_;
    // other_guid stands for an interface of the store's.
    return riid == IID_IUnknown || riid == other_guid ? Counted::QueryInterface(IID_IUnknown, ppvObject)
                                                      : inner_->QueryInterface(riid, ppvObject);
}

} // namespace offline_state_specification
