// Providers' objects, and an object into which a store's is aggregated.
#pragma once

#include "support/offline_state_test.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>

namespace offline_state_tests {

constexpr GUID provider_guid{0x7A6E2B10, 0x51C4, 0x4D0B, {0x9C, 0x3A, 0x10, 0x5E, 0x44, 0xD2, 0x71, 0x08}};
constexpr GUID instance_guid{0x1C93F5AE, 0x0B7D, 0x4E62, {0xA8, 0x15, 0x6F, 0x20, 0xBD, 0x39, 0xE7, 0x54}};

inline HRESULT try_create_provider(LPCWSTR profile_name, IMAPIOfflineMgr* global, ComPtr<IMAPIOfflineMgr>& object,
                                   const GUID& guid = provider_guid, const GUID& instance = instance_guid,
                                   ULONG capabilities = both_capabilities) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile_name;
    info.ulCapabilities = capabilities;
    info.pGUID = &guid;
    info.pInstance = &instance;
    info.pParent = global;
    return HrCreateOfflineObj(0, &info, object.ReleaseAndGetAddressOf());
}

/// A failure fails the test.
inline ComPtr<IMAPIOfflineMgr> create_provider(LPCWSTR profile_name, IMAPIOfflineMgr* global,
                                               const GUID& guid = provider_guid, const GUID& instance = instance_guid,
                                               ULONG capabilities = both_capabilities) {
    ComPtr<IMAPIOfflineMgr> object;
    EXPECT_EQ(S_OK, try_create_provider(profile_name, global, object, guid, instance, capabilities));
    return object;
}

inline ComPtr<IMAPIOfflineMgr> create_provider(LPCWSTR profile_name, IMAPIOfflineMgr* global, const GUID& guid,
                                               ULONG capabilities) {
    return create_provider(profile_name, global, guid, instance_guid, capabilities);
}

/// A store of a client's: answers for IMAPIOfflineNotify itself, and for the offline interfaces through the object that
/// is aggregated into it.
class Outer final : public IMAPIOfflineNotify {
public:
    /// @param parent The provider's object.
    static ComPtr<Outer> create(LPCWSTR profile_name, IMAPIOfflineMgr* parent) {
        ComPtr<Outer> outer = create(nullptr);
        EXPECT_EQ(S_OK, outer->aggregate(profile_name, parent));
        return outer;
    }

    /// One with nothing in it yet.
    static ComPtr<Outer> create(std::nullptr_t) {
        ComPtr<Outer> outer;
        *outer.GetAddressOf() = new Outer;
        return outer;
    }

    HRESULT aggregate(LPCWSTR profile_name, IMAPIOfflineMgr* parent) {
        MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, this, nullptr};
        MAPIOFFLINE_CREATEINFO info{};
        info.ulSize = sizeof info;
        info.pwszProfileName = profile_name;
        info.ulCapabilities = both_capabilities;
        info.pParent = parent;
        info.pAggregateInfo = &aggregate;
        return HrCreateOfflineObj(0, &info, inner_.ReleaseAndGetAddressOf());
    }

    /// How many of them there are.
    static int alive() { return alive_count(); }

    ULONG references() const { return references_; }

    /// The own face of the object inside; only this one holds it.
    IMAPIOfflineMgr* inner() const { return inner_.Get(); }

    /// What a client of the store gets.
    ComPtr<IMAPIOfflineMgr> offline() {
        ComPtr<IMAPIOfflineMgr> face;
        EXPECT_EQ(S_OK, QueryInterface(IID_PPV_ARGS(face.GetAddressOf())));
        return face;
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (riid == __uuidof(IUnknown) || riid == __uuidof(IMAPIOfflineNotify)) {
            *ppvObject = static_cast<IMAPIOfflineNotify*>(this);
            AddRef();
            return S_OK;
        }
        return inner_->QueryInterface(riid, ppvObject);
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
    }
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY*) override {}

private:
    Outer() { ++alive_count(); }
    ~Outer() { --alive_count(); }

    static std::atomic<int>& alive_count() {
        static std::atomic<int> count{0};
        return count;
    }

    std::atomic<ULONG> references_{1};
    ComPtr<IMAPIOfflineMgr> inner_;
};

} // namespace offline_state_tests
