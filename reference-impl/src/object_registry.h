// Finds the global and the providers' objects of the process by their identities. It holds no references: an object
// lives as long as clients hold it (CREATE-5).
#pragma once

#include "profile_name.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <array>
#include <cstring>
#include <string>

namespace offline_state {

class OfflineObject;

/// What makes two objects the same. The GUIDs are those of MAPIOFFLINE_CREATEINFO. The global object has
/// GUID_GlobalState and no instance; a store's object has neither, and is never looked up.
struct ObjectIdentity {
    explicit ObjectIdentity(LPCWSTR profile_name, const GUID& guid = {}, const GUID& instance = {})
        : profile(upper_case(profile_name)), guids{guid, instance} {}

    std::wstring profile; // its name in upper case
    std::array<GUID, 2> guids;
};

/// An order, for the registry.
inline bool operator<(const ObjectIdentity& left, const ObjectIdentity& right) noexcept {
    const int profiles = left.profile.compare(right.profile);
    return profiles != 0 ? profiles < 0 : std::memcmp(&left.guids, &right.guids, sizeof left.guids) < 0;
}

/// Returns the object, or null if there is none.
Microsoft::WRL::ComPtr<OfflineObject> find_object(const ObjectIdentity& identity);

/// The same, by the object's address, which may be anything.
Microsoft::WRL::ComPtr<OfflineObject> find_object(LPCWSTR profile_name, const IMAPIOfflineMgr* address);

/// Returns the existing object, or a new one below `parent`. Throws std::bad_alloc.
Microsoft::WRL::ComPtr<OfflineObject> find_or_create_object(const ObjectIdentity& identity, ULONG capabilities,
                                                            const Microsoft::WRL::ComPtr<OfflineObject>& parent);

/// Called by an object whose last reference is gone, before it is destroyed.
void forget_object(const ObjectIdentity& identity, const OfflineObject* object) noexcept;

} // namespace offline_state
