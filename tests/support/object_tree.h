// Providers' objects of any profile.
#pragma once

#include "support/offline_state_test.h"

namespace offline_state_tests {

inline HRESULT try_create_provider(LPCWSTR profile_name, ObjectRef global, Object& object,
                                   const GUID& guid = provider_guid, const GUID& instance = instance_guid,
                                   ULONG capabilities = both_capabilities) {
    MAPIOFFLINE_CREATEINFO info = offline_state_specification::provider_info(global, instance, capabilities);
    info.pwszProfileName = profile_name;
    info.pGUID = &guid;
    return create(info, object);
}

/// A failure fails the test.
inline Object create_provider(LPCWSTR profile_name, ObjectRef global, const GUID& guid = provider_guid,
                              const GUID& instance = instance_guid, ULONG capabilities = both_capabilities) {
    Object object;
    EXPECT_EQ(S_OK, try_create_provider(profile_name, global, object, guid, instance, capabilities));
    return object;
}

} // namespace offline_state_tests
