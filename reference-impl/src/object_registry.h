// Identity -> global or provider's object. It holds no reference: an object lives while clients hold it (CREATE-5).
#pragma once

#include "offline_object.h"

#include <mapioffline.h>

#include <wrl/client.h>

namespace offline_state {

/// The object, or null when there is none.
Microsoft::WRL::ComPtr<OfflineObject> find_object(const ObjectIdentity& identity);

/// The same, of this profile and by its address, which may be anything.
Microsoft::WRL::ComPtr<OfflineObject> find_object(LPCWSTR profile_name, const IMAPIOfflineMgr* address);

/// The object: the one there is, or a new one below `parent`. Throws std::bad_alloc.
Microsoft::WRL::ComPtr<OfflineObject> find_or_create_object(const ObjectIdentity& identity, ULONG capabilities,
                                                            const Microsoft::WRL::ComPtr<OfflineObject>& parent);

/// Called by an object whose last reference is gone, before it is destroyed.
void forget_object(const ObjectIdentity& identity, const OfflineObject* object) noexcept;

} // namespace offline_state
