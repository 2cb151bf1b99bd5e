#include "client.h"

#include <algorithm>

namespace conformance {

namespace {

std::atomic<const char*>& call_slot() {
    static std::atomic<const char*> call{nullptr};
    return call;
}

/// Names the call for the watchdog, as long as it lives.
class Calling {
public:
    explicit Calling(const char* call) : before_(call_slot().exchange(call)) {}
    ~Calling() { call_slot() = before_; }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

private:
    const char* const before_;
};

/// Calls it again and again until it is true; false when the time is over.
template <class Condition>
bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + cap();
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

std::string text_of_state(ULONG state) {
    return state == online ? "online" : state == offline ? "offline" : "state " + std::to_string(state);
}

} // namespace

std::chrono::milliseconds& cap() {
    static std::chrono::milliseconds value{0};
    return value;
}

const char* current_call() {
    return call_slot();
}

void Signal::set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
}

bool Signal::wait(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [this] { return is_set_; });
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

std::vector<std::string> change_from(ULONG from, ULONG to) {
    const std::string both = states(from, to);
    return {"START " + both, "STATECHANGE " + both, "DONE " + both};
}

std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) {
        all += (all.empty() ? "" : ", ") + line;
    }
    return all.empty() ? "nothing" : all;
}

void Journal::add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    changed_.notify_all();
}

std::vector<std::string> Journal::wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, cap(), [&] { return lines_.size() >= count; });
    return lines_;
}

std::vector<std::string> Journal::lines() {
    return wait_for(0);
}

ComPtr<Recorder> Recorder::create(Action action) {
    ComPtr<Recorder> recorder;
    *recorder.GetAddressOf() = new Recorder(std::move(action));
    return recorder;
}

ComPtr<Recorder> Recorder::create(const char* name, Journal& journal) {
    return create([name, &journal](const MAPIOFFLINE_NOTIFY& notification) {
        journal.add(std::string(name) + ' ' + text(notification));
    });
}

std::vector<Recorder::Told> Recorder::told() {
    const std::lock_guard lock(mutex_);
    return told_;
}

std::vector<std::string> Recorder::texts() {
    std::vector<std::string> all;
    for (const Told& each : told()) {
        all.push_back(text(each.notification));
    }
    return all;
}

std::vector<std::string> Recorder::changes() {
    std::vector<std::string> all;
    for (const Told& each : told()) {
        if (each.notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
            const auto& change = each.notification.Info.StateChange;
            all.push_back(states(change.ulStateOld, change.ulStateNew));
        }
    }
    return all;
}

void Recorder::wait_for_done(std::size_t count) {
    const auto has_come = [&] {
        return static_cast<std::size_t>(std::count_if(told_.begin(), told_.end(), [](const Told& each) {
                   return each.notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
               })) >= count;
    };
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, cap(), has_come);
    lock.unlock();
    expect(came, "a client waits for DONE and has been told: " + joined(texts()));
}

HRESULT Recorder::QueryInterface(REFIID riid, void** ppvObject) {
    if (riid == IID_IUnknown || riid == IID_IMAPIOfflineNotify) {
        *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
        AddRef();
        return S_OK;
    }
    *ppvObject = nullptr;
    return E_NOINTERFACE;
}

ULONG Recorder::Release() {
    const ULONG left = --references_;
    if (left == 0) {
        delete this;
    }
    return left;
}

void Recorder::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    const Told told{*pNotifyInfo, std::this_thread::get_id()};
    if (action_) {
        action_(told.notification);
    }
    const std::lock_guard lock(mutex_);
    told_.push_back(told);
    changed_.notify_all();
}

MAPIOFFLINE_ADVISEINFO advise_info(IUnknown* callback, ULONG client_token) {
    return {sizeof(MAPIOFFLINE_ADVISEINFO),      client_token,         MAPIOFFLINE_CALLBACK_TYPE_NOTIFY, callback,
            MAPIOFFLINE_ADVISE_TYPE_STATECHANGE, MAPIOFFLINE_STATE_ALL};
}

ULONG advise(IMAPIOfflineMgr* object, IUnknown* callback, ULONG client_token) {
    const Calling calling("Advise");
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback, client_token);
    ULONG token = poison;
    expect_result("Advise", S_OK, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    return token;
}

HRESULT unadvise(IMAPIOfflineMgr* object, ULONG token) {
    const Calling calling("Unadvise");
    return object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
}

HRESULT set_state(IMAPIOfflineMgr* object, ULONG state, ULONG flags) {
    const Calling calling(flags == MAPIOFFLINE_FLAG_BLOCK ? "SetCurrentState with BLOCK"
                                                          : "SetCurrentState with DEFAULT");
    return object->SetCurrentState(flags, MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr);
}

ULONG state_of(IMAPIOfflineMgr* object) {
    const Calling calling("GetCurrentState");
    ULONG state = poison;
    expect_result("GetCurrentState", S_OK, object->GetCurrentState(&state));
    expect(state != poison, "GetCurrentState does not set the state");
    state &= MAPIOFFLINE_STATE_OFFLINE_MASK;
    expect(state == online || state == offline, "GetCurrentState gives neither online nor offline");
    return state;
}

void start_change(IMAPIOfflineMgr* object, ULONG state) {
    HRESULT result = E_PENDING;
    until([&] { return (result = set_state(object, state)) != E_PENDING; });
    expect_result("SetCurrentState with DEFAULT", S_OK, result);
}

void change(IMAPIOfflineMgr* object, ULONG state) {
    const ComPtr<Recorder> witness = Recorder::create();
    const ULONG token = advise(object, witness.Get());
    start_change(object, state);
    witness->wait_for_done();
    unadvise(object, token);
}

bool is_same(IUnknown* left, IUnknown* right) {
    ComPtr<IUnknown> left_identity;
    ComPtr<IUnknown> right_identity;
    expect_result("QueryInterface for IUnknown", S_OK,
                  left->QueryInterface(IID_IUnknown, reinterpret_cast<void**>(left_identity.GetAddressOf())));
    expect_result("QueryInterface for IUnknown", S_OK,
                  right->QueryInterface(IID_IUnknown, reinterpret_cast<void**>(right_identity.GetAddressOf())));
    return left_identity.Get() == right_identity.Get();
}

bool wait_for_references(Recorder& recorder, ULONG count) {
    return until([&] { return recorder.references() <= count; });
}

} // namespace conformance
