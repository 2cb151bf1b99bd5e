// Shows a mail provider's own objects: one below the profile's global object, and one in a
// message store, by aggregation.
//
// Expect a change of the global object to reach all three in each of its phases, a change of
// the provider's object to reach the store's too and nobody above, and nothing left at the end.
// Page: "Create objects of a provider".
#include "client/step1_implement_notify.h"
#include "client/step2_open_offline_object.h"
#include "client/step4_advise.h"
#include "client/step5_unadvise.h"
#include "outlook_stand_in.h"

#include <atomic>
#include <cstdio>
#include <new>
#include <stdexcept>

using namespace offline_state_samples;

namespace {

// [provider]
/// Make your own with guidgen or uuidgen: one for your provider, one for each account.
constexpr GUID provider_guid{
    0x3F0C5D1E, 0x8A27, 0x4C61, {0x91, 0xB4, 0x2D, 0x6E, 0x7F, 0x80, 0xA5, 0x13}};
constexpr GUID account_guid{
    0x9D42B7C6, 0x15E3, 0x4F08, {0xA7, 0x2C, 0x64, 0x0B, 0x91, 0xDE, 0x38, 0x5F}};

/// The provider's object: it follows the global one's changes, and the global one does not
/// follow its changes. It keeps the global one alive.
HRESULT create_provider_object(LPCWSTR profile_name, IMAPIOfflineMgr* global,
                               ComPtr<IMAPIOfflineMgr>& object) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile_name;
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &provider_guid;
    info.pInstance = &account_guid;
    info.pParent = global;
    return HrCreateOfflineObj(0, &info, object.ReleaseAndGetAddressOf());
}
// [/provider]

// [store]
/// A message store, which does nothing else here, with an offline object inside: QueryInterface
/// leads from one to the other.
class MessageStore final : public IUnknown {
public:
    static ComPtr<MessageStore> create(LPCWSTR profile_name, IMAPIOfflineMgr* provider) {
        ComPtr<MessageStore> store;
        *store.GetAddressOf() = new MessageStore;
        MAPIOFFLINE_AGGREGATEINFO aggregate{};
        aggregate.ulSize = sizeof aggregate;
        aggregate.pOuterObj = store.Get(); // not AddRef'ed: that would keep both alive for ever
        aggregate.pRefTrackRoot = nullptr;
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.pwszProfileName = profile_name;
        info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
        info.pParent = provider;
        info.pAggregateInfo = &aggregate;
        if (FAILED(HrCreateOfflineObj(0, &info, store->inner_.ReleaseAndGetAddressOf()))) {
            store.Reset();
        }
        return store;
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (ppvObject == nullptr) {
            return E_POINTER;
        }
        if (riid == __uuidof(IUnknown)) { // always the outer object's
            *ppvObject = static_cast<IUnknown*>(this);
            AddRef();
            return S_OK;
        }
        if (riid == __uuidof(IMAPIOffline) || riid == __uuidof(IMAPIOfflineMgr)) {
            return inner_->QueryInterface(riid, ppvObject); // whose AddRef is ours
        }
        *ppvObject = nullptr;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            // COM's rule for aggregates: an artificial reference. The inner object may count
            // on the outer one while it ends, and must not end it a second time.
            references_ = 1;
            delete this;
        }
        return left;
    }

    static int alive() { return alive_; }

private:
    MessageStore() { ++alive_; }
    ~MessageStore() { // by Release
        inner_.Reset();
        --alive_;
    }

    static std::atomic<int> alive_;

    std::atomic<ULONG> references_{1};
    ComPtr<IMAPIOfflineMgr> inner_; // the object's own face, ours alone: never hand it out
};

std::atomic<int> MessageStore::alive_{0};
// [/store]

ComPtr<OfflineNotify> printer(const char* name) {
    return OfflineNotify::create([name](const StateChange& change) {
        std::printf("  %-8s  %-11s  %s -> %s\n", name, phase_name(change.phase),
                    state_name(change.state_old), state_name(change.state_new));
    });
}

Registration watch(const ComPtr<IMAPIOfflineMgr>& object, const char* name) {
    const ComPtr<OfflineNotify> callback = printer(name);
    ULONG advise_token = 0;
    if (FAILED(advise(object.Get(), callback.Get(), 0, advise_token))) {
        throw std::runtime_error("Advise failed");
    }
    return {object, callback, advise_token};
}

void run() {
    OutlookStandIn outlook(sample_profile); // not needed in Outlook
    // [run]
    ComPtr<IMAPIOfflineMgr> global;
    ComPtr<IMAPIOfflineMgr> provider;
    if (FAILED(open_offline_object(HrOpenOfflineObj, sample_profile, global)) ||
        FAILED(create_provider_object(sample_profile, global.Get(), provider))) {
        throw std::runtime_error("there is no offline object");
    }
    const ComPtr<MessageStore> store = MessageStore::create(sample_profile, provider.Get());
    ComPtr<IMAPIOfflineMgr> store_offline;
    if (!store || FAILED(store.As(&store_offline))) {
        throw std::runtime_error("the store has no offline object");
    }
    const Registration registrations[] = {watch(global, "global"), watch(provider, "provider"),
                                          watch(store_offline, "store")};

    std::printf("Outlook goes offline:\n");
    outlook.work_offline(true);
    std::printf("The provider goes online by itself:\n");
    HRESULT result = E_PENDING;
    while (result == E_PENDING) { // while another change is under way
        result =
            provider->SetCurrentState(MAPIOFFLINE_FLAG_BLOCK, MAPIOFFLINE_STATE_OFFLINE_MASK,
                                      MAPIOFFLINE_STATE_ONLINE, nullptr);
    }
    if (FAILED(result)) {
        throw std::runtime_error("SetCurrentState failed");
    }
    std::printf("Outlook goes online, which the others are already:\n");
    outlook.work_offline(false);
    // [/run]
}

} // namespace

int main() {
    try {
        run();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
    std::printf("stores left at the end: %d\n", MessageStore::alive());
    return 0;
}
