#include "subject.h"

#include <cstdio>
#include <utility>

namespace conformance {

namespace {

template <class Function>
Function* find(const Library& library, const char* name, const char* decorated_name) {
    void* address = library.find(name);
    if (address == nullptr) {
        address = library.find(decorated_name); // x86
    }
    return reinterpret_cast<Function*>(address);
}

} // namespace

std::string name_of(HRESULT result) {
    switch (result) {
    case S_OK:
        return "S_OK";
    case E_PENDING:
        return "E_PENDING";
    case E_INVALIDARG:
        return "E_INVALIDARG";
    case E_NOINTERFACE:
        return "E_NOINTERFACE";
    case E_POINTER:
        return "E_POINTER";
    case E_NOTIMPL:
        return "E_NOTIMPL";
    case E_OUTOFMEMORY:
        return "E_OUTOFMEMORY";
    case MAPI_E_NOT_FOUND:
        return "MAPI_E_NOT_FOUND";
    default:
        break;
    }
    char text[16];
    std::snprintf(text, sizeof text, "0x%08lX", static_cast<unsigned long>(static_cast<ULONG>(result)));
    return text;
}

void expect_result(const std::string& call, HRESULT expected, HRESULT actual) {
    expect(expected == actual, call + " gives " + name_of(actual) + ", not " + name_of(expected));
}

IMAPIOfflineMgr* poisoned_pointer() {
    static char nowhere[sizeof(void*)] = {};
    return reinterpret_cast<IMAPIOfflineMgr*>(nowhere); // compared, and never called
}

Subject::Subject(const Library& library, std::wstring profile)
    : library_(library), profile_(std::move(profile)),
      open_(find<HROPENOFFLINEOBJ>(library, "HrOpenOfflineObj", "HrOpenOfflineObj@20")),
      create_(find<HRCREATEOFFLINEOBJ>(library, "HrCreateOfflineObj", "HrCreateOfflineObj@12")) {
    if (open_ == nullptr) {
        not_testable("the library does not export HrOpenOfflineObj");
    }
}

HRESULT Subject::open(LPCWSTR profile, ComPtr<IMAPIOfflineMgr>& object) const {
    const HRESULT result = open_(0, profile, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf());
    expect(result != S_OK || object, "HrOpenOfflineObj gives S_OK and a null pointer");
    return result;
}

bool Subject::exists(LPCWSTR profile) const {
    ComPtr<IMAPIOfflineMgr> object;
    return open(profile, object) == S_OK;
}

HRESULT Subject::create(MAPIOFFLINE_CREATEINFO info, ComPtr<IMAPIOfflineMgr>& object) const {
    if (create_ == nullptr) {
        not_testable("the library does not export HrCreateOfflineObj");
    }
    const HRESULT result = create_(0, &info, object.ReleaseAndGetAddressOf());
    expect(result != S_OK || object, "HrCreateOfflineObj gives S_OK and a null pointer");
    return result;
}

MAPIOFFLINE_CREATEINFO Subject::global_info(LPCWSTR profile, ULONG capabilities) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile;
    info.ulCapabilities = capabilities;
    info.pGUID = &GUID_GlobalState;
    return info;
}

MAPIOFFLINE_CREATEINFO Subject::provider_info(IMAPIOfflineMgr* parent, const GUID& instance, ULONG capabilities) const {
    MAPIOFFLINE_CREATEINFO info = global_info(profile(), capabilities);
    info.pGUID = &provider_guid;
    info.pInstance = &instance;
    info.pParent = parent;
    return info;
}

HRESULT Subject::try_create_global(LPCWSTR profile, ULONG capabilities, ComPtr<IMAPIOfflineMgr>& object) const {
    return create_ == nullptr ? E_NOTIMPL : create(global_info(profile, capabilities), object);
}

std::string Subject::why_there_is_no_object(HRESULT created) const {
    ComPtr<IMAPIOfflineMgr> object;
    const HRESULT opened = open(profile(), object);
    if (opened != S_OK) {
        return "HrOpenOfflineObj says " + name_of(opened) + ", is this running inside Outlook?";
    }
    return create_ == nullptr ? "the library does not export HrCreateOfflineObj"
                              : "HrCreateOfflineObj creates no global object: it gives " + name_of(created);
}

ComPtr<IMAPIOfflineMgr> Subject::create_global(LPCWSTR profile, ULONG capabilities) const {
    ComPtr<IMAPIOfflineMgr> object;
    const HRESULT result = try_create_global(profile, capabilities, object);
    if (result != S_OK) {
        not_testable(why_there_is_no_object(result));
    }
    return object;
}

ComPtr<IMAPIOfflineMgr> Subject::object() const {
    ComPtr<IMAPIOfflineMgr> object;
    const HRESULT result = try_create_global(profile(), both_capabilities, object);
    if (result != S_OK && open(profile(), object) != S_OK) {
        not_testable(why_there_is_no_object(result));
    }
    return object;
}

ComPtr<IMAPIOfflineMgr> Subject::create_provider(IMAPIOfflineMgr* parent, const GUID& instance,
                                                 ULONG capabilities) const {
    ComPtr<IMAPIOfflineMgr> object;
    expect_result("HrCreateOfflineObj for a provider's object", S_OK,
                  create(provider_info(parent, instance, capabilities), object));
    return object;
}

} // namespace conformance
