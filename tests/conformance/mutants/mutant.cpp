// A library that passes all calls on to the reference, with one fault, which OFFLINE_STATE_MUTANT names. The faults are
// listed in mutants.txt. It keeps COM's rules where no fault says otherwise: with the fault "none" nothing is wrong.
#include <mapioffline.h>

#include "support/counted.h"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using offline_state_tests::ComPtr;
using offline_state_tests::Counted;

bool is(const char* fault) {
    static const char* const name = std::getenv("OFFLINE_STATE_MUTANT");
    if (name == nullptr) {
        std::fputs("OFFLINE_STATE_MUTANT does not name a fault.\n", stderr);
        std::abort();
    }
    return std::strcmp(name, fault) == 0;
}

template <class Function>
Function* real(const char* name) {
    static void* const library = dlopen(OFFLINE_STATE_REFERENCE, RTLD_NOW | RTLD_LOCAL);
    void* const address = library != nullptr ? dlsym(library, name) : nullptr;
    if (address == nullptr) {
        std::fprintf(stderr, "%s: %s\n", name, dlerror());
        std::abort();
    }
    return reinterpret_cast<Function*>(address);
}

[[noreturn]] void hang() {
    for (;;) {
        std::this_thread::sleep_for(std::chrono::hours(1));
    }
}

ULONG other(ULONG state) {
    return state ^ MAPIOFFLINE_STATE_OFFLINE_MASK;
}

thread_local bool inside_notify = false;
std::atomic<ULONG> at_start{0};    // the new state of the change that is at START
std::atomic<ULONG> before_done{0}; // the new state of the change that is not at DONE yet

/// The reference calls it for one registration, and it calls the client.
class Courier final : public Counted<Courier, IMAPIOfflineNotify> {
public:
    Courier(IUnknown* client, ULONG client_token, bool of_a_child)
        : client_(client), client_token_(client_token), of_a_child_(of_a_child) {}
    ~Courier() {
        if (is("no_reference") || is("reference_kept") || (is("registration_survives") && !unadvised)) {
            notify_.Detach();
        }
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        *ppvObject = nullptr;
        if (riid == IID_IMAPIOfflineNotify && !notify_) {
            IMAPIOfflineNotify* notify = nullptr;
            answer_ = client_->QueryInterface(riid, reinterpret_cast<void**>(&notify));
            *notify_.ReleaseAndGetAddressOf() = notify;
            if (notify != nullptr && is("no_reference")) {
                notify->Release();
            }
            if (notify == nullptr && !is("any_callback")) {
                return E_NOINTERFACE;
            }
        }
        return Counted::QueryInterface(IID_IUnknown, ppvObject);
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

    /// Notifies the client of a change, though it is not its turn.
    void notify_of(ULONG state) {
        MAPIOFFLINE_NOTIFY notification{sizeof notification, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0, {}};
        notification.Info.StateChange = {MAPIOFFLINE_STATE_OFFLINE_MASK, other(state), state};
        deliver(notification);
    }

    /// What the client has answered to the question for IMAPIOfflineNotify.
    HRESULT answer() const { return answer_; }
    IUnknown* client() const { return client_; }
    bool is_running() const { return running_on_ != std::thread::id(); }
    bool is_running_here() const { return running_on_ == std::this_thread::get_id(); }

    ULONG token = 0;
    bool unadvised = false;

private:
    void deliver(MAPIOFFLINE_NOTIFY notification);
    void call(const MAPIOFFLINE_NOTIFY& notification);

    IUnknown* const client_; // the reference keeps it alive until Advise returns; afterwards notify_ does
    ComPtr<IMAPIOfflineNotify> notify_;
    const ULONG client_token_;
    const bool of_a_child_;
    HRESULT answer_ = S_OK;
    std::atomic<std::thread::id> running_on_;
};

// The couriers of all objects in the order of registration, for the faults that need them.
std::mutex couriers_mutex;
std::vector<ComPtr<Courier>> couriers;

std::vector<ComPtr<Courier>> all_couriers() {
    const std::lock_guard lock(couriers_mutex);
    return couriers;
}

void remove_courier(const ComPtr<Courier>& courier) {
    const std::lock_guard lock(couriers_mutex);
    couriers.erase(std::remove(couriers.begin(), couriers.end(), courier), couriers.end());
}

// What waits for SetCurrentState to deliver it on its own thread.
std::vector<std::pair<ComPtr<IMAPIOfflineNotify>, MAPIOFFLINE_NOTIFY>> held_back;

void Courier::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    const MAPIOFFLINE_NOTIFY& notification = *pNotifyInfo;
    const ULONG state = notification.Info.StateChange.ulStateNew;
    const bool start = notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    const bool done = notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE;
    at_start = start ? state : 0;
    before_done = done ? 0 : state;
    running_on_ = std::this_thread::get_id();
    if (is("last_registered_first")) {
        const std::vector<ComPtr<Courier>> all = all_couriers();
        if (all.front().Get() == this) { // it speaks for all
            for (auto each = all.rbegin(); each != all.rend(); ++each) {
                (*each)->deliver(notification);
            }
        }
    } else if (is("whole_change_at_once")) {
        MAPIOFFLINE_NOTIFY phase = notification;
        for (int type = 1; start && type <= 3; ++type) {
            phase.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(type);
            deliver(phase);
        }
    } else {
        deliver(notification);
    }
    if (is("told_what_it_knows") && !of_a_child_) {
        for (const ComPtr<Courier>& each : all_couriers()) {
            if (each->of_a_child_) {
                each->deliver(notification);
            }
        }
    }
    running_on_ = std::thread::id();
}

void Courier::deliver(MAPIOFFLINE_NOTIFY notification) {
    auto& change = notification.Info.StateChange;
    auto& type = notification.NotifyType;
    notification.ulClientToken = is("wrong_client_token") ? token : client_token_;
    if (is("never_notified") || (is("no_start") && type == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START)) {
        return;
    }
    if (is("other_type") && type == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
        type = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(4);
    } else if (is("done_before_statechange") && type != MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
        type = type == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE ? MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE
                                                           : MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE;
    } else if (is("wrong_size")) {
        notification.ulSize = 0;
    } else if (is("swapped_states")) {
        std::swap(change.ulStateOld, change.ulStateNew);
    } else if (is("wrong_mask")) {
        change.ulMask = MAPIOFFLINE_STATE_ALL;
    } else if (is("wrong_old_state")) {
        change.ulStateOld = MAPIOFFLINE_STATE_ONLINE;
    }
    if (is("on_the_callers_thread")) {
        held_back.emplace_back(notify_, notification);
    } else if (is("concurrent")) {
        std::thread([notify = notify_, notification] { notify->Notify(&notification); }).detach();
    } else {
        call(notification);
    }
}

void Courier::call(const MAPIOFFLINE_NOTIFY& notification) {
    const ComPtr<Courier> kept(this);
    IMAPIOfflineNotify* const notify = notify_.Get();
    if (notify == nullptr) {
        return;
    }
    inside_notify = true;
    if (is("exception_ends")) {
        [&]() noexcept { notify->Notify(&notification); }();
    }
    try {
        if (!is("exception_ends")) {
            notify->Notify(&notification);
        }
    } catch (...) { // the reference would, but what is behind has to be done
    }
    inside_notify = false;
}

/// What clients have in the place of an object of the reference.
class Object final : public IMAPIOfflineMgr {
public:
    /// One for each object of the reference, while anyone has it. Takes the caller's reference.
    static IMAPIOfflineMgr* of(IMAPIOfflineMgr* object, ULONG capabilities = 0, IMAPIOfflineMgr* parent = nullptr) {
        const std::lock_guard lock(all_mutex());
        Object*& found = all()[object];
        if (found == nullptr || is("open_second_object")) {
            found = new Object(object, capabilities, parent);
            return found;
        }
        ++found->references_;
        object->Release();
        if (capabilities != 0 && is("create_renews")) {
            found->capabilities_ = capabilities;
        }
        return found;
    }

    /// The reference's object. Foreign objects pass through.
    static IMAPIOfflineMgr* real_one(IMAPIOfflineMgr* object) {
        const std::lock_guard lock(all_mutex());
        for (const auto& [real, mutant] : all()) {
            if (mutant == object) {
                return real;
            }
        }
        return object;
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (ppvObject == nullptr) {
            return E_POINTER;
        }
        if ((riid == IID_IMAPIOffline && !is("no_base_interface")) || riid == IID_IUnknown ||
            riid == IID_IMAPIOfflineMgr) {
            *ppvObject = this;
            if (!is("query_without_reference")) {
                AddRef();
            }
            return S_OK;
        }
        if (!is("query_leaves_pointer")) {
            *ppvObject = nullptr;
        }
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        std::unique_lock lock(all_mutex());
        const ULONG left = --references_;
        if (left == 0) {
            const auto entry = all().find(real_);
            if (entry != all().end() && entry->second == this) {
                all().erase(entry);
            }
            lock.unlock();
            for (const auto& [token, courier] : by_token_) {
                remove_courier(courier);
            }
            real_->Release();
            delete this;
        }
        return left;
    }

    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override;
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override;
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override;
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Placeholder9() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { return placeholder(); }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { return placeholder(); }

private:
    Object(IMAPIOfflineMgr* object, ULONG capabilities, IMAPIOfflineMgr* parent)
        : real_(object), parent_(parent), capabilities_(capabilities) {
        real_->GetCurrentState(&first_state_);
    }
    ~Object() = default;

    static std::mutex& all_mutex() {
        static std::mutex mutex;
        return mutex;
    }
    static std::map<IMAPIOfflineMgr*, Object*>& all() {
        static std::map<IMAPIOfflineMgr*, Object*> objects;
        return objects;
    }

    static HRESULT placeholder() { return is("placeholder_succeeds") ? S_OK : E_NOTIMPL; }

    /// Tries again while another change is under way.
    HRESULT set_in_the_end(ULONG state) {
        HRESULT result = E_PENDING;
        while ((result = real_->SetCurrentState(0, MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr)) == E_PENDING) {
            std::this_thread::yield();
        }
        return result;
    }

    IMAPIOfflineMgr* const real_;
    IMAPIOfflineMgr* const parent_; // the reference's, which the child keeps alive
    ULONG capabilities_;
    ULONG first_state_ = 0;
    std::atomic<ULONG> references_{1};

    std::mutex mutex_;
    std::map<ULONG, ComPtr<Courier>> by_token_; // by the token that the client has
    ULONG unused_token_ = 0;
};

HRESULT Object::SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) {
    const bool block = ulFlags == MAPIOFFLINE_FLAG_BLOCK;
    if ((block && is("block_hangs")) || (block && inside_notify && is("block_hangs_in_notify"))) {
        hang();
    }
    if (inside_notify && is("pending_at_done")) {
        return E_PENDING;
    }
    if (is("child_goes_up") && parent_ != nullptr) {
        return parent_->SetCurrentState(ulFlags, ulMask, ulState, pReserved);
    }
    ULONG state = 0;
    real_->GetCurrentState(&state);
    if (is("same_state_notified") && state == ulState && !inside_notify) {
        set_in_the_end(other(state));
        return set_in_the_end(state);
    }
    if (is("on_the_callers_thread") && ulFlags == MAPIOFFLINE_FLAG_DEFAULT && !inside_notify) {
        const HRESULT result = real_->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, ulMask, ulState, pReserved);
        for (const auto& [notify, notification] : std::exchange(held_back, {})) {
            notify->Notify(&notification);
        }
        return result;
    }
    const ULONG flags = block && is("block_returns_early") ? MAPIOFFLINE_FLAG_DEFAULT
                        : ulFlags == MAPIOFFLINE_FLAG_DEFAULT && is("default_blocks") && !inside_notify
                            ? MAPIOFFLINE_FLAG_BLOCK
                            : ulFlags;
    const HRESULT result = real_->SetCurrentState(flags, ulMask, ulState, is("reserved_ignored") ? nullptr : pReserved);
    const bool pending_is_hidden = is("never_pending") || (block && is("block_never_pending"));
    const bool fault_is_hidden = is("bad_state_accepted") && ulState != MAPIOFFLINE_STATE_ONLINE;
    if ((result == E_PENDING && pending_is_hidden) || (result == E_INVALIDARG && fault_is_hidden)) {
        return S_OK;
    }
    return result;
}

HRESULT Object::GetCapabilities(ULONG* pulCapabilities) {
    if (pulCapabilities == nullptr && is("null_succeeds")) {
        return S_OK;
    }
    if (pulCapabilities == nullptr && is("null_crashes")) {
        std::raise(SIGSEGV);
    }
    const HRESULT result = real_->GetCapabilities(pulCapabilities);
    if (result == S_OK && (is("capabilities_ignored") || is("create_renews"))) {
        *pulCapabilities = capabilities_;
    }
    if (result == S_OK && is("capabilities_swapped") && *pulCapabilities != MAPIOFFLINE_STATE_OFFLINE_MASK) {
        *pulCapabilities = other(*pulCapabilities);
    }
    return result;
}

HRESULT Object::GetCurrentState(ULONG* pulState) {
    const HRESULT result = real_->GetCurrentState(pulState);
    if (result != S_OK) {
        return result;
    }
    if (is("state_frozen")) {
        *pulState = first_state_;
    } else if (is("new_state_at_start") && at_start != 0) {
        *pulState = at_start;
    } else if (is("extra_bits")) {
        *pulState |= MAPIOFFLINE_STATE_ALL & ~MAPIOFFLINE_STATE_OFFLINE_MASK;
    }
    return result;
}

HRESULT Object::Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo, ULONG* pulAdviseToken) {
    if (inside_notify && is("advise_hangs_in_notify")) {
        hang();
    }
    if (pAdviseInfo == nullptr || pAdviseInfo->pCallback == nullptr || pulAdviseToken == nullptr) {
        if (pAdviseInfo != nullptr && pulAdviseToken != nullptr && is("null_callback_accepted")) {
            *pulAdviseToken = 1;
            return S_OK;
        }
        ULONG* const token = is("token_kept_on_failure") ? &unused_token_ : pulAdviseToken;
        return real_->Advise(ulFlags, pAdviseInfo, token);
    }
    if (is("one_registration")) {
        const std::lock_guard lock(mutex_);
        for (const auto& [token, courier] : by_token_) {
            if (courier->client() == pAdviseInfo->pCallback) {
                *pulAdviseToken = token;
                return S_OK;
            }
        }
    }
    MAPIOFFLINE_ADVISEINFO info = *pAdviseInfo;
    const auto courier = Courier::create(info.pCallback, info.ulClientToken, parent_ != nullptr);
    info.pCallback = courier.Get();
    if (is("any_advise_types")) {
        info.ulAdviseTypes = MAPIOFFLINE_ADVISE_TYPE_STATECHANGE;
    }
    const HRESULT result = real_->Advise(ulFlags, &info, pulAdviseToken);
    if (result == E_NOINTERFACE && is("callback_result_given")) {
        return courier->answer();
    }
    if (result != S_OK) {
        return result;
    }
    const std::lock_guard lock(mutex_);
    courier->token = *pulAdviseToken;
    if (is("token_used_again")) {
        for (*pulAdviseToken = 1; by_token_.count(*pulAdviseToken) != 0; ++*pulAdviseToken) {
        }
    } else if (is("token_zero")) {
        *pulAdviseToken = 0;
    }
    by_token_[*pulAdviseToken] = courier;
    if (is("last_registered_first") || is("told_what_it_knows")) {
        const std::lock_guard couriers_lock(couriers_mutex);
        couriers.push_back(courier);
    }
    if (is("told_at_once") && before_done != 0) {
        courier->notify_of(before_done);
    }
    return result;
}

HRESULT Object::Unadvise(ULONG ulFlags, ULONG ulAdviseToken) {
    if (is("notified_after_unadvise")) {
        return S_OK;
    }
    ComPtr<Courier> courier;
    {
        const std::lock_guard lock(mutex_);
        auto entry = by_token_.find(ulAdviseToken);
        if (entry == by_token_.end()) {
            const bool may_be_anothers = is("token_used_again") || is("token_zero");
            return is("unknown_token_refused") ? E_INVALIDARG
                                               : real_->Unadvise(ulFlags, may_be_anothers ? 0 : ulAdviseToken);
        }
        if (is("token_names_another") && by_token_.size() > 1) {
            entry = entry == by_token_.begin() ? std::prev(by_token_.end()) : by_token_.begin();
        }
        courier = entry->second;
        by_token_.erase(entry);
    }
    remove_courier(courier);
    courier->unadvised = true;
    if (courier->is_running_here() && is("unadvise_waits_for_itself")) {
        hang();
    }
    if (courier->is_running() && is("unadvise_does_not_wait")) {
        real_->AddRef();
        std::thread([real = real_, token = courier->token] {
            real->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
            real->Release();
        }).detach();
        return S_OK;
    }
    real_->Unadvise(ulFlags, courier->token);
    return is("unadvise_says_false") ? S_FALSE : S_OK;
}

std::set<std::wstring> created_names; // of the objects there have been, as they were spelt

HRESULT create(MAPIOFFLINE_CREATEINFO info, IMAPIOfflineMgr** object);

HRESULT create_global(LPCWSTR name, ULONG capabilities, IMAPIOfflineMgr** object) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = name;
    info.ulCapabilities = capabilities;
    info.pGUID = &GUID_GlobalState;
    return create(info, object);
}

void set_blocking(IMAPIOfflineMgr* object, ULONG state) {
    object->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr);
}

HRESULT create(MAPIOFFLINE_CREATEINFO info, IMAPIOfflineMgr** object) {
    const ULONG capabilities = info.ulCapabilities;
    const bool is_store = info.pGUID == nullptr && info.pAggregateInfo != nullptr;
    const bool is_child = info.pParent != nullptr;
    info.pParent = Object::real_one(info.pParent);
    if (is("create_any_size")) {
        info.ulSize = sizeof info;
    }
    if (is("capabilities_ignored")) {
        info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    }
    std::wstring name; // of an object: before there is one, what is there may be no text
    if (is("child_alone") && is_child && !is_store) {
        name = info.pwszProfileName + std::wstring(L" child");
        info.pwszProfileName = name.c_str();
        info.pGUID = &GUID_GlobalState;
        info.pInstance = nullptr;
        info.pParent = nullptr;
    }
    static const GUID unaggregated{0x6F, 0x0A, 0x11, {1, 2, 3, 4, 5, 6, 7, 8}};
    ComPtr<IMAPIOfflineMgr> global;
    if (is("not_aggregated") && is_store) {
        real<HROPENOFFLINEOBJ>("HrOpenOfflineObj")(0, info.pwszProfileName, &GUID_GlobalState, nullptr,
                                                   global.GetAddressOf());
        info.pGUID = info.pInstance = &unaggregated;
        info.pParent = global.Get();
        info.pAggregateInfo = nullptr;
    }
    const HRESULT result = real<HRCREATEOFFLINEOBJ>("HrCreateOfflineObj")(0, &info, object);
    if (result != S_OK) {
        return result;
    }
    name = info.pwszProfileName;
    if ((is("object_survives") && !is_child) || (is("child_survives") && is_child && !is_store)) {
        (*object)->AddRef();
    }
    if (is("starts_offline") && !is_child && created_names.count(name) == 0) {
        set_blocking(*object, MAPIOFFLINE_STATE_OFFLINE);
    }
    if (is("child_starts_online") && is_child) {
        set_blocking(*object, MAPIOFFLINE_STATE_ONLINE);
    }
    created_names.insert(name);
    if (!is_store) { // a store's object has two faces, and its outer object holds it: it is passed on as it is
        *object = Object::of(*object, capabilities, info.pParent);
    }
    return result;
}

} // namespace

STDAPI HrOpenOfflineObj(ULONG ulReserved, LPCWSTR pwszProfileNameIn, const GUID* pGUID, const GUID* pReserved,
                        IMAPIOfflineMgr** ppOfflineObj) {
    if (is("only_opens")) { // what Outlook does for its profile before a client comes
        static IMAPIOfflineMgr* outlooks = nullptr;
        if (outlooks == nullptr) {
            create_global(L"Conformance", MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE, &outlooks);
        }
    }
    IMAPIOfflineMgr* const before = ppOfflineObj != nullptr ? *ppOfflineObj : nullptr;
    const GUID* const guid = pGUID != nullptr && is("open_any_guid") ? &GUID_GlobalState : pGUID;
    HRESULT result =
        real<HROPENOFFLINEOBJ>("HrOpenOfflineObj")(ulReserved, pwszProfileNameIn, guid, pReserved, ppOfflineObj);
    if (result == S_OK && is("open_minds_case") && created_names.count(pwszProfileNameIn) == 0) {
        (*ppOfflineObj)->Release();
        *ppOfflineObj = nullptr;
        return MAPI_E_NOT_FOUND;
    }
    if (result == S_OK) {
        *ppOfflineObj = Object::of(*ppOfflineObj);
        return result;
    }
    if (is("open_finds_anybody") && pwszProfileNameIn != nullptr && pGUID != nullptr && *pGUID == GUID_GlobalState) {
        return create_global(pwszProfileNameIn, 0, ppOfflineObj) == S_OK ? S_OK : MAPI_E_NOT_FOUND;
    }
    if (ppOfflineObj != nullptr && is("open_leaves_pointer")) {
        *ppOfflineObj = before;
    }
    return is("open_other_result") ? E_INVALIDARG : result;
}

STDAPI HrCreateOfflineObj(ULONG ulFlags, MAPIOFFLINE_CREATEINFO* pCreateInfo, IMAPIOfflineMgr** ppOffline) {
    if (is("only_opens") || is("outside_outlook")) {
        return E_NOTIMPL;
    }
    if (ulFlags != 0 || pCreateInfo == nullptr || ppOffline == nullptr) {
        return real<HRCREATEOFFLINEOBJ>("HrCreateOfflineObj")(ulFlags, pCreateInfo, ppOffline);
    }
    IMAPIOfflineMgr* const before = *ppOffline;
    const HRESULT result = create(*pCreateInfo, ppOffline);
    if (result != S_OK && is("create_leaves_pointer")) {
        *ppOffline = before;
    }
    return result;
}
