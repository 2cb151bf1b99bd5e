// The library under test, and how a check gets objects from it. The host is played with HrCreateOfflineObj alone.
#pragma once

#include "check.h"
#include "platform.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <string>

namespace conformance {

using Microsoft::WRL::ComPtr;

constexpr ULONG online = MAPIOFFLINE_STATE_ONLINE;
constexpr ULONG offline = MAPIOFFLINE_STATE_OFFLINE;
constexpr ULONG both_capabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;

/// What an out-parameter holds before a call that must set it.
constexpr ULONG poison = 0xDEADBEEF;
IMAPIOfflineMgr* poisoned_pointer();

constexpr GUID provider_guid{0x2E7BD1C5, 0x9F30, 0x4A68, {0xB1, 0x0C, 0x5D, 0x77, 0x03, 0xE8, 0x4F, 0x92}};
constexpr GUID instance_guid{0x84C6A03D, 0x17E2, 0x4B59, {0x8E, 0x61, 0xD0, 0x2A, 0x9B, 0x35, 0xCC, 0x1F}};
constexpr GUID other_guid{0x5A19E4F7, 0xC82B, 0x4D06, {0x97, 0x3E, 0x68, 0xF1, 0x20, 0xA4, 0x0B, 0xD3}};

class Subject {
public:
    /// Not testable when it does not export HrOpenOfflineObj.
    Subject(const Library& library, std::wstring profile);

    const Library& library() const { return library_; }

    /// The profile's name, and others made of it.
    LPCWSTR profile() const { return profile_.c_str(); }
    std::wstring profile(const wchar_t* suffix) const { return profile_ + suffix; }

    HROPENOFFLINEOBJ* open_function() const { return open_; }

    /// Null when it is not exported.
    HRCREATEOFFLINEOBJ* create_function() const { return create_; }

    /// HrOpenOfflineObj with the documented arguments; not null when the result is S_OK.
    HRESULT open(LPCWSTR profile, ComPtr<IMAPIOfflineMgr>& object) const;
    bool exists(LPCWSTR profile) const;

    /// HrCreateOfflineObj; for checks of what it refuses. Not testable when it is not exported.
    HRESULT create(MAPIOFFLINE_CREATEINFO info, ComPtr<IMAPIOfflineMgr>& object) const;

    /// What describes a profile's global object, and a provider's. The GUIDs and the name must outlive it.
    static MAPIOFFLINE_CREATEINFO global_info(LPCWSTR profile, ULONG capabilities = both_capabilities);
    MAPIOFFLINE_CREATEINFO provider_info(IMAPIOfflineMgr* parent, const GUID& instance = instance_guid,
                                         ULONG capabilities = both_capabilities) const;

    /// A new global object; not testable where there can be none.
    ComPtr<IMAPIOfflineMgr> create_global(LPCWSTR profile, ULONG capabilities = both_capabilities) const;

    /// The profile's object: a new one, or where the library creates none the one that it has.
    ComPtr<IMAPIOfflineMgr> object() const;

    /// A failure fails the check.
    ComPtr<IMAPIOfflineMgr> create_provider(IMAPIOfflineMgr* parent, const GUID& instance = instance_guid,
                                            ULONG capabilities = both_capabilities) const;

private:
    HRESULT try_create_global(LPCWSTR profile, ULONG capabilities, ComPtr<IMAPIOfflineMgr>& object) const;
    std::string why_there_is_no_object(HRESULT created) const;

    const Library& library_;
    const std::wstring profile_;
    HROPENOFFLINEOBJ* open_ = nullptr;
    HRCREATEOFFLINEOBJ* create_ = nullptr;
};

} // namespace conformance
