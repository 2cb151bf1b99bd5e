// A library that passes all calls on to the reference, with one fault, which OFFLINE_STATE_MUTANT names. The faults are
// listed in mutants.txt. It keeps COM's rules where no fault says otherwise: with the fault "none" nothing is wrong.
#include <mapioffline.h>

#include "support/counted.h"

#include <dlfcn.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <utility>

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
    std::mutex mutex;
    std::unique_lock lock(mutex);
    for (std::condition_variable never;;) { // nobody notifies it
        never.wait(lock);
    }
}

ULONG other(ULONG state) {
    return state ^ MAPIOFFLINE_STATE_OFFLINE_MASK;
}

thread_local bool inside_notify = false;

/// The reference calls it for one registration, and it calls the client.
class Courier final : public Counted<Courier, IMAPIOfflineNotify> {
public:
    Courier(IUnknown* client, ULONG client_token) : client_(client), client_token_(client_token) {}
    ~Courier() {
        if (is("no_reference") || is("reference_kept")) {
            notify_.Detach();
        }
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        *ppvObject = nullptr;
        if (riid == IID_IMAPIOfflineNotify && !notify_) {
            IMAPIOfflineNotify* notify = nullptr;
            client_->QueryInterface(riid, reinterpret_cast<void**>(&notify));
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

    ULONG token = 0;

private:
    void deliver(MAPIOFFLINE_NOTIFY notification);

    IUnknown* const client_; // the reference keeps it alive until Advise returns; afterwards notify_ does
    ComPtr<IMAPIOfflineNotify> notify_;
    const ULONG client_token_;
};

void Courier::Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) {
    if (!is("whole_change_at_once")) {
        deliver(*pNotifyInfo);
        return;
    }
    MAPIOFFLINE_NOTIFY phase = *pNotifyInfo;
    const bool start = phase.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    for (int type = 1; start && type <= 3; ++type) {
        phase.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(type);
        deliver(phase);
    }
}

void Courier::deliver(MAPIOFFLINE_NOTIFY notification) {
    auto& change = notification.Info.StateChange;
    const bool start = notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
    notification.ulClientToken = is("wrong_client_token") ? token : client_token_;
    if (!notify_ || is("never_notified") || (is("no_start") && start)) {
        return;
    }
    if (is("other_type") && start) {
        notification.NotifyType = static_cast<MAPIOFFLINE_NOTIFY_TYPE>(4);
    } else if (is("wrong_size")) {
        notification.ulSize = 0;
    } else if (is("swapped_states")) {
        std::swap(change.ulStateOld, change.ulStateNew);
    } else if (is("wrong_mask")) {
        change.ulMask = MAPIOFFLINE_STATE_ALL;
    } else if (is("wrong_old_state")) {
        change.ulStateOld = MAPIOFFLINE_STATE_ONLINE;
    }
    const ComPtr<Courier> kept(this);
    inside_notify = true;
    try {
        notify_->Notify(&notification);
    } catch (...) { // the reference would contain it, but the line below must run
    }
    inside_notify = false;
}

/// What clients get instead of an object of the reference.
class Object final : public offline_state_tests::WithoutPlaceholders<E_NOTIMPL> {
public:
    /// One for each object of the reference, while anyone has it. Takes the caller's reference.
    static IMAPIOfflineMgr* of(IMAPIOfflineMgr* object, ULONG capabilities = 0, IMAPIOfflineMgr* parent = nullptr) {
        const std::lock_guard lock(all_mutex());
        Object*& found = all()[object];
        if (found == nullptr) {
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
            real_->Release();
            delete this;
        }
        return left;
    }

    HRESULT STDMETHODCALLTYPE SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) override;
    HRESULT STDMETHODCALLTYPE GetCapabilities(ULONG* pulCapabilities) override;
    HRESULT STDMETHODCALLTYPE GetCurrentState(ULONG* pulState) override;
    HRESULT STDMETHODCALLTYPE Advise(ULONG ulFlags, MAPIOFFLINE_ADVISEINFO* pAdviseInfo,
                                     ULONG* pulAdviseToken) override;
    HRESULT STDMETHODCALLTYPE Unadvise(ULONG ulFlags, ULONG ulAdviseToken) override;

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

    IMAPIOfflineMgr* const real_;
    IMAPIOfflineMgr* const parent_; // the reference's, which the child keeps alive
    ULONG capabilities_;
    ULONG first_state_ = 0;
    std::atomic<ULONG> references_{1};

    std::mutex mutex_;
    std::map<ULONG, ComPtr<Courier>> by_token_; // by the token that the client has
};

HRESULT Object::SetCurrentState(ULONG ulFlags, ULONG ulMask, ULONG ulState, void* pReserved) {
    const bool block = ulFlags == MAPIOFFLINE_FLAG_BLOCK;
    if (block && is("block_hangs")) {
        hang();
    }
    if (inside_notify && is("pending_at_done")) {
        return E_PENDING;
    }
    if (is("child_goes_up") && parent_ != nullptr) {
        return parent_->SetCurrentState(ulFlags, ulMask, ulState, pReserved);
    }
    const bool blocks = ulFlags == MAPIOFFLINE_FLAG_DEFAULT && is("default_blocks") && !inside_notify;
    const HRESULT result = real_->SetCurrentState(blocks ? MAPIOFFLINE_FLAG_BLOCK : ulFlags, ulMask, ulState,
                                                  is("reserved_ignored") ? nullptr : pReserved);
    const bool pending_is_hidden = is("never_pending") || (block && is("block_never_pending"));
    return result == E_PENDING && pending_is_hidden ? S_OK : result;
}

HRESULT Object::GetCapabilities(ULONG* pulCapabilities) {
    if (pulCapabilities == nullptr && is("null_crashes")) {
        std::raise(SIGSEGV);
    }
    const HRESULT result = real_->GetCapabilities(pulCapabilities);
    if (result == S_OK && is("create_renews")) {
        *pulCapabilities = capabilities_;
    }
    if (result == S_OK && is("capabilities_swapped") && *pulCapabilities != MAPIOFFLINE_STATE_OFFLINE_MASK) {
        *pulCapabilities = other(*pulCapabilities);
    }
    return result;
}

HRESULT Object::GetCurrentState(ULONG* pulState) {
    const HRESULT result = real_->GetCurrentState(pulState);
    if (result == S_OK && is("state_frozen")) {
        *pulState = first_state_;
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
        return real_->Advise(ulFlags, pAdviseInfo, pulAdviseToken);
    }
    MAPIOFFLINE_ADVISEINFO info = *pAdviseInfo;
    const auto courier = Courier::create(info.pCallback, info.ulClientToken);
    info.pCallback = courier.Get();
    const HRESULT result = real_->Advise(ulFlags, &info, pulAdviseToken);
    if (result != S_OK) {
        return result;
    }
    const std::lock_guard lock(mutex_);
    courier->token = *pulAdviseToken;
    by_token_[*pulAdviseToken] = courier;
    return result;
}

HRESULT Object::Unadvise(ULONG ulFlags, ULONG ulAdviseToken) {
    ComPtr<Courier> courier;
    {
        const std::lock_guard lock(mutex_);
        auto entry = by_token_.find(ulAdviseToken);
        if (entry == by_token_.end()) {
            return real_->Unadvise(ulFlags, ulAdviseToken);
        }
        if (is("token_names_another") && by_token_.size() > 1) {
            entry = entry == by_token_.begin() ? std::prev(by_token_.end()) : by_token_.begin();
        }
        courier = entry->second;
        by_token_.erase(entry);
    }
    real_->Unadvise(ulFlags, courier->token);
    return is("unadvise_says_false") ? S_FALSE : S_OK;
}

HRESULT create(MAPIOFFLINE_CREATEINFO info, IMAPIOfflineMgr** object);

HRESULT create_global(LPCWSTR name, ULONG capabilities, IMAPIOfflineMgr** object) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = name;
    info.ulCapabilities = capabilities;
    info.pGUID = &GUID_GlobalState;
    return create(info, object);
}

HRESULT create(MAPIOFFLINE_CREATEINFO info, IMAPIOfflineMgr** object) {
    const ULONG capabilities = info.ulCapabilities;
    const bool is_store = info.pGUID == nullptr && info.pAggregateInfo != nullptr;
    const bool is_child = info.pParent != nullptr;
    info.pParent = Object::real_one(info.pParent);
    if (is("create_any_size")) {
        info.ulSize = sizeof info;
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
    const GUID* const guid = pGUID != nullptr && is("open_any_guid") ? &GUID_GlobalState : pGUID;
    HRESULT result =
        real<HROPENOFFLINEOBJ>("HrOpenOfflineObj")(ulReserved, pwszProfileNameIn, guid, pReserved, ppOfflineObj);
    if (result == S_OK) {
        *ppOfflineObj = Object::of(*ppOfflineObj);
        return result;
    }
    if (is("open_finds_anybody") && pwszProfileNameIn != nullptr && pGUID != nullptr && *pGUID == GUID_GlobalState) {
        return create_global(pwszProfileNameIn, 0, ppOfflineObj) == S_OK ? S_OK : MAPI_E_NOT_FOUND;
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
    return create(*pCreateInfo, ppOffline);
}
