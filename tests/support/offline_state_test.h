// The common part of the tests that need more than the specification: the host kit, and short names for calls.
#pragma once

#include "specification/client.h"
#include "support/fail_allocation.h"
#include "support/proves.h"

#include <mapioffline_host.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace offline_state_tests {

using namespace offline_state_specification;

/// How often something is done at random. Wine, where the tests for Windows run, takes long to wake a thread: there it
/// is less.
constexpr int often(int times) {
#ifdef _WIN32
    return times / 5;
#else
    return times;
#endif
}

inline const Lines going_offline = change_from(online, offline);
inline const Lines going_online = change_from(offline, online);

/// Registers until there is no place left that has its memory already: the next Advise needs some. The registrations
/// end with the object.
inline void advise_until_memory_is_needed(IMAPIOfflineMgr* object, IUnknown* callback) {
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback);
    ULONG token = poison;
    HRESULT result = S_OK;
    while (result == S_OK) {
        const FailAllocation fail(0);
        result = object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token);
    }
    EXPECT_EQ(E_OUTOFMEMORY, result);
}

/// The references on an object, by adding one and taking it back.
inline ULONG references_of(IUnknown* object) {
    object->AddRef();
    return object->Release();
}

/// Held by a callback, does something when that ends.
inline std::shared_ptr<void> at_the_end(std::function<void()> action) {
    return {nullptr, [does = std::move(action)](void*) { does(); }};
}

/// After each test linked_specification.cpp looks whether anything is left over.
class OfflineStateTest : public ::testing::Test {
protected:
    static constexpr LPCWSTR profile = L"Profile";
};

} // namespace offline_state_tests
