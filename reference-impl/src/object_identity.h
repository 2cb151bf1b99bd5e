// What tells the objects of a process apart.
#pragma once

#include "profile_name.h"

#include <mapioffline.h>

#include <cstring>
#include <string>

namespace offline_state {

/// The GUIDs are as MAPIOFFLINE_CREATEINFO has them. The global object: GUID_GlobalState and no instance. A store's
/// object has neither; nobody looks for it.
struct ObjectIdentity {
    explicit ObjectIdentity(LPCWSTR profile_name, const GUID& of = {}, const GUID& which = {})
        : profile(upper_case(profile_name)), guid(of), instance(which) {}

    std::wstring profile; // its name in upper case
    GUID guid;
    GUID instance;
};

/// An order, for the registry.
inline bool operator<(const ObjectIdentity& left, const ObjectIdentity& right) noexcept {
    if (const int profiles = left.profile.compare(right.profile); profiles != 0) {
        return profiles < 0;
    }
    const int guids = std::memcmp(&left.guid, &right.guid, sizeof(GUID));
    return guids != 0 ? guids < 0 : std::memcmp(&left.instance, &right.instance, sizeof(GUID)) < 0;
}

} // namespace offline_state
