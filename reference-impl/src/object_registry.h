// Profile name -> the profile's global object. It holds no reference: an object lives while clients hold it (CREATE-5).
#pragma once

#include "offline_object.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <string>

namespace offline_state {

/// The profile's object, or null when there is none.
Microsoft::WRL::ComPtr<OfflineObject> find_object(const std::wstring& profile_name);

/// The profile's object: the one there is, or a new one. Throws std::bad_alloc.
Microsoft::WRL::ComPtr<OfflineObject> find_or_create_object(const std::wstring& profile_name, ULONG capabilities);

/// Called by an object whose last reference is gone, before it is destroyed.
void forget_object(const std::wstring& profile_name, const OfflineObject* object) noexcept;

} // namespace offline_state
