// What tells the objects of a process apart.
#pragma once

#include "profile_name.h"

#include <mapioffline.h>

#include <cstring>
#include <string>

namespace offline_state {

/// As MAPIOFFLINE_CREATEINFO has them. The global object: GUID_GlobalState and no instance. A store's object has
/// neither; nobody looks for it.
struct ObjectIdentity {
    std::wstring profile_name;
    GUID guid{};
    GUID instance{};
};

/// An order of identities, for the registry.
struct ObjectIdentityLess {
    bool operator()(const ObjectIdentity& left, const ObjectIdentity& right) const noexcept {
        const ProfileNameLess less;
        if (less(left.profile_name, right.profile_name) || less(right.profile_name, left.profile_name)) {
            return less(left.profile_name, right.profile_name);
        }
        const int guids = std::memcmp(&left.guid, &right.guid, sizeof(GUID));
        return guids != 0 ? guids < 0 : std::memcmp(&left.instance, &right.instance, sizeof(GUID)) < 0;
    }
};

} // namespace offline_state
