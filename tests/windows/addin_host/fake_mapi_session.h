// A MAPI session that knows one thing: the name of its profile.
#pragma once

#include <windows.h>

#include <mapix.h>

#include <mapiguid.h>
#include <mapitags.h>

#include "support/counted.h"

#include <cstring>
#include <string>

namespace offline_state_tests {

// The two interfaces up to the one method that the add-in calls: no other is looked for in their vtables.
struct ProfileSectionSlots : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE unused3() { return MAPI_E_NO_SUPPORT; }
    virtual HRESULT STDMETHODCALLTYPE unused4() { return MAPI_E_NO_SUPPORT; }
    virtual HRESULT STDMETHODCALLTYPE GetProps(LPSPropTagArray tags, ULONG flags, ULONG* count,
                                               LPSPropValue* values) = 0;
};
struct SessionSlots : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE unused3() { return MAPI_E_NO_SUPPORT; }
    virtual HRESULT STDMETHODCALLTYPE unused4() { return MAPI_E_NO_SUPPORT; }
    virtual HRESULT STDMETHODCALLTYPE unused5() { return MAPI_E_NO_SUPPORT; }
    virtual HRESULT STDMETHODCALLTYPE unused6() { return MAPI_E_NO_SUPPORT; }
    virtual HRESULT STDMETHODCALLTYPE OpenProfileSection(LPMAPIUID uid, LPCIID iid, ULONG flags,
                                                         LPPROFSECT* section) = 0;
};

class FakeProfileSection final : public CountedReferences<FakeProfileSection, ProfileSectionSlots> {
public:
    explicit FakeProfileSection(std::wstring name) : name_(std::move(name)) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void** ppvObject) override {
        *ppvObject = nullptr;
        return E_NOINTERFACE;
    }
    HRESULT STDMETHODCALLTYPE GetProps(LPSPropTagArray tags, ULONG, ULONG* count, LPSPropValue* values) override {
        if (tags == nullptr || tags->cValues != 1 || tags->aulPropTag[0] != PR_PROFILE_NAME_W) {
            return MAPI_E_INVALID_PARAMETER;
        }
        value_.ulPropTag = PR_PROFILE_NAME_W;
        value_.Value.lpszW = name_.data();
        *count = 1;
        *values = &value_; // ours: there is no MAPIFreeBuffer here that would free it
        return S_OK;
    }

private:
    std::wstring name_;
    SPropValue value_{};
};

class FakeMapiSession final : public CountedReferences<FakeMapiSession, SessionSlots> {
public:
    explicit FakeMapiSession(std::wstring profile_name) : profile_name_(std::move(profile_name)) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const bool known = riid == __uuidof(IUnknown) || riid == IID_IMAPISession;
        *ppvObject = known ? this : nullptr;
        return known ? (AddRef(), S_OK) : E_NOINTERFACE;
    }
    HRESULT STDMETHODCALLTYPE OpenProfileSection(LPMAPIUID uid, LPCIID, ULONG, LPPROFSECT* section) override {
        if (uid == nullptr || std::memcmp(uid, &MUID_PROFILE_INSTANCE, sizeof *uid) != 0) {
            return MAPI_E_NOT_FOUND;
        }
        *section = reinterpret_cast<LPPROFSECT>(FakeProfileSection::create(profile_name_).Detach());
        return S_OK;
    }

private:
    const std::wstring profile_name_;
};

} // namespace offline_state_tests
