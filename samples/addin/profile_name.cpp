// SPDX-License-Identifier: MIT
#include "profile_name.h"

#include "late_binding.h"

#include <windows.h>

#include <mapix.h>

#include <mapitags.h>
#include <wrl/client.h>

namespace offline_state_addin {

namespace {

using Microsoft::WRL::ComPtr;

// By these names mapiguid.h only declares them, and defines them for those who have INITGUID.
constexpr IID iid_of_session{
    0x00020300, 0, 0, {0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46}}; // IID_IMAPISession
constexpr MAPIUID profile_instance{{0x85, 0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00,
                                    0x00, 0x00, 0x00, 0x00, 0x00,
                                    0x46}}; // MUID_PROFILE_INSTANCE

/// MAPI's memory is freed by a function that whoever has loaded MAPI has exported; we link to
/// none.
void free_mapi_buffer(void* buffer) {
    for (const wchar_t* const library : {L"olmapi32.dll", L"msmapi32.dll", L"mapi32.dll"}) {
        const HMODULE module = GetModuleHandleW(library);
        for (const char* const name : {"MAPIFreeBuffer", "MAPIFreeBuffer@4"}) {
            if (const FARPROC address =
                    module != nullptr ? GetProcAddress(module, name) : nullptr) {
                reinterpret_cast<LPFREEBUFFER>(reinterpret_cast<void*>(address))(buffer);
                return;
            }
        }
    }
}

std::wstring name_from_mapi(IUnknown* unknown) {
    ComPtr<IMAPISession> session;
    if (FAILED(unknown->QueryInterface(iid_of_session,
                                       reinterpret_cast<void**>(session.GetAddressOf())))) {
        return {};
    }
    MAPIUID profile = profile_instance; // it is [in], for all its type
    ComPtr<IProfSect> section;
    if (FAILED(session->OpenProfileSection(&profile, nullptr, 0, section.GetAddressOf()))) {
        return {};
    }
    SizedSPropTagArray(1, tags) = {1, {PR_PROFILE_NAME_W}};
    ULONG count = 0;
    SPropValue* values = nullptr;
    if (FAILED(section->GetProps(reinterpret_cast<SPropTagArray*>(&tags), MAPI_UNICODE, &count,
                                 &values)) ||
        values == nullptr) {
        return {};
    }
    std::wstring name;
    if (count == 1 && values[0].ulPropTag == PR_PROFILE_NAME_W) {
        name = values[0].Value.lpszW;
    }
    free_mapi_buffer(values);
    return name;
}

} // namespace

std::wstring profile_name(IDispatch* session) {
    if (session == nullptr) {
        return {};
    }
    Variant name;
    if (SUCCEEDED(get(session, L"CurrentProfileName", name)) && name.vt == VT_BSTR &&
        SysStringLen(name.bstrVal) != 0) {
        return {name.bstrVal, SysStringLen(name.bstrVal)};
    }
    Variant mapi;
    if (SUCCEEDED(get(session, L"MAPIOBJECT", mapi)) &&
        (mapi.vt == VT_UNKNOWN || mapi.vt == VT_DISPATCH) && mapi.punkVal != nullptr) {
        return name_from_mapi(mapi.punkVal);
    }
    return {};
}

} // namespace offline_state_addin
