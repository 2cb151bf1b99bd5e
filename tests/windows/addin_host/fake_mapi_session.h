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

// Of the many methods that the two interfaces have, all but two.
#define OFFLINE_STATE_NOT_SUPPORTED(name, ...)                                                                         \
    HRESULT STDMETHODCALLTYPE name(__VA_ARGS__) override {                                                             \
        return MAPI_E_NO_SUPPORT;                                                                                      \
    }

#ifdef __MINGW32__
using UiParam = ULONG; // as mingw-w64's mapidefs.h has it
#else
using UiParam = ULONG_PTR;
#endif

class FakeProfileSection final : public CountedReferences<FakeProfileSection, IProfSect> {
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
    OFFLINE_STATE_NOT_SUPPORTED(GetLastError, HRESULT, ULONG, LPMAPIERROR*)
    OFFLINE_STATE_NOT_SUPPORTED(SaveChanges, ULONG)
    OFFLINE_STATE_NOT_SUPPORTED(GetPropList, ULONG, LPSPropTagArray*)
    OFFLINE_STATE_NOT_SUPPORTED(OpenProperty, ULONG, LPCIID, ULONG, ULONG, LPUNKNOWN*)
    OFFLINE_STATE_NOT_SUPPORTED(SetProps, ULONG, LPSPropValue, LPSPropProblemArray*)
    OFFLINE_STATE_NOT_SUPPORTED(DeleteProps, LPSPropTagArray, LPSPropProblemArray*)
    OFFLINE_STATE_NOT_SUPPORTED(CopyTo, ULONG, LPCIID, LPSPropTagArray, UiParam, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG,
                                LPSPropProblemArray*)
    OFFLINE_STATE_NOT_SUPPORTED(CopyProps, LPSPropTagArray, UiParam, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG,
                                LPSPropProblemArray*)
    OFFLINE_STATE_NOT_SUPPORTED(GetNamesFromIDs, LPSPropTagArray*, LPGUID, ULONG, ULONG*, LPMAPINAMEID**)
    OFFLINE_STATE_NOT_SUPPORTED(GetIDsFromNames, ULONG, LPMAPINAMEID*, ULONG, LPSPropTagArray*)

private:
    std::wstring name_;
    SPropValue value_{};
};

class FakeMapiSession final : public CountedReferences<FakeMapiSession, IMAPISession> {
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
        *section = new FakeProfileSection(profile_name_);
        return S_OK;
    }
    OFFLINE_STATE_NOT_SUPPORTED(GetLastError, HRESULT, ULONG, LPMAPIERROR*)
    OFFLINE_STATE_NOT_SUPPORTED(GetMsgStoresTable, ULONG, LPMAPITABLE*)
    OFFLINE_STATE_NOT_SUPPORTED(OpenMsgStore, ULONG_PTR, ULONG, LPENTRYID, LPCIID, ULONG, LPMDB*)
    OFFLINE_STATE_NOT_SUPPORTED(OpenAddressBook, ULONG_PTR, LPCIID, ULONG, LPADRBOOK*)
    OFFLINE_STATE_NOT_SUPPORTED(GetStatusTable, ULONG, LPMAPITABLE*)
    OFFLINE_STATE_NOT_SUPPORTED(OpenEntry, ULONG, LPENTRYID, LPCIID, ULONG, ULONG*, LPUNKNOWN*)
    OFFLINE_STATE_NOT_SUPPORTED(CompareEntryIDs, ULONG, LPENTRYID, ULONG, LPENTRYID, ULONG, ULONG*)
    OFFLINE_STATE_NOT_SUPPORTED(Advise, ULONG, LPENTRYID, ULONG, LPMAPIADVISESINK, ULONG*)
    OFFLINE_STATE_NOT_SUPPORTED(Unadvise, ULONG)
    OFFLINE_STATE_NOT_SUPPORTED(MessageOptions, ULONG_PTR, ULONG, LPTSTR, LPMESSAGE)
    OFFLINE_STATE_NOT_SUPPORTED(QueryDefaultMessageOpt, LPTSTR, ULONG, ULONG*, LPSPropValue*)
    OFFLINE_STATE_NOT_SUPPORTED(EnumAdrTypes, ULONG, ULONG*, LPTSTR**)
    OFFLINE_STATE_NOT_SUPPORTED(QueryIdentity, ULONG*, LPENTRYID*)
    OFFLINE_STATE_NOT_SUPPORTED(Logoff, ULONG_PTR, ULONG, ULONG)
    OFFLINE_STATE_NOT_SUPPORTED(SetDefaultStore, ULONG, ULONG, LPENTRYID)
    OFFLINE_STATE_NOT_SUPPORTED(AdminServices, ULONG, LPSERVICEADMIN*)
    OFFLINE_STATE_NOT_SUPPORTED(ShowForm, ULONG_PTR, LPMDB, LPMAPIFOLDER, LPCIID, ULONG, LPMESSAGE, ULONG, ULONG, ULONG,
                                ULONG, LPSTR)
    OFFLINE_STATE_NOT_SUPPORTED(PrepareForm, LPCIID, LPMESSAGE, ULONG*)

private:
    const std::wstring profile_name_;
};

#undef OFFLINE_STATE_NOT_SUPPORTED

} // namespace offline_state_tests
