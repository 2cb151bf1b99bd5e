// The common part of the tests: a profile's object, with or without a manual dispatcher, and short names for calls.
#pragma once

#include "support/event.h"
#include "support/fail_allocation.h"
#include "support/fake_notify.h"
#include "support/proves.h"

#include <mapioffline.h>
#include <mapioffline_host.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace offline_state_tests {

/// What an out-parameter holds before a call that must set it.
constexpr ULONG poison = 0xDEADBEEF;

constexpr ULONG both_capabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;

/// How often something is done at random. Wine, where the tests for Windows run, takes long to wake a thread: there it
/// is less.
#ifdef _WIN32
constexpr int often(int times) {
    return times / 5;
}
#else
constexpr int often(int times) {
    return times;
}
#endif

inline const std::vector<std::string> going_offline{"START online->offline", "STATECHANGE online->offline",
                                                    "DONE online->offline"};
inline const std::vector<std::string> going_online{"START offline->online", "STATECHANGE offline->online",
                                                   "DONE offline->online"};

inline std::vector<std::string> operator+(std::vector<std::string> left, const std::vector<std::string>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

inline MAPIOFFLINE_ADVISEINFO advise_info(IUnknown* callback, ULONG client_token = 0) {
    return {sizeof(MAPIOFFLINE_ADVISEINFO),      client_token,         MAPIOFFLINE_CALLBACK_TYPE_NOTIFY, callback,
            MAPIOFFLINE_ADVISE_TYPE_STATECHANGE, MAPIOFFLINE_STATE_ALL};
}

/// Registers; a failure fails the test.
inline ULONG advise(IMAPIOfflineMgr* object, IUnknown* callback, ULONG client_token = 0) {
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback, client_token);
    ULONG token = poison;
    EXPECT_EQ(S_OK, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    return token;
}

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

inline HRESULT unadvise(IMAPIOfflineMgr* object, ULONG token) {
    return object->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token);
}

inline HRESULT set_state(IMAPIOfflineMgr* object, ULONG state, ULONG flags = MAPIOFFLINE_FLAG_DEFAULT) {
    return object->SetCurrentState(flags, MAPIOFFLINE_STATE_OFFLINE_MASK, state, nullptr);
}

inline ULONG state_of(IMAPIOfflineMgr* object) {
    ULONG state = poison;
    EXPECT_EQ(S_OK, object->GetCurrentState(&state));
    return state;
}

inline HRESULT open(LPCWSTR profile_name, ComPtr<IMAPIOfflineMgr>& object) {
    return HrOpenOfflineObj(0, profile_name, &GUID_GlobalState, nullptr, object.ReleaseAndGetAddressOf());
}

inline bool profile_exists(LPCWSTR profile_name) {
    ComPtr<IMAPIOfflineMgr> object;
    return open(profile_name, object) == S_OK;
}

/// The references on an object, by adding one and taking it back.
inline ULONG references_of(IUnknown* object) {
    object->AddRef();
    return object->Release();
}

/// Nothing may be left over: no callback, no object of the profile. Checked around the members of the fixtures
/// derived from it, hence not in SetUp and TearDown.
class OfflineStateTest : public ::testing::Test {
protected:
    static constexpr LPCWSTR profile = L"Profile";

    OfflineStateTest() { EXPECT_FALSE(profile_exists(profile)); }

    ~OfflineStateTest() override {
        EXPECT_EQ(0, FakeNotify::alive()) << "a callback has leaked";
        EXPECT_FALSE(profile_exists(profile)) << "an object has leaked";
    }
};

} // namespace offline_state_tests
