// The pages "IMAPIOffline::GetCapabilities" and "IMAPIOffline::GetCurrentState".
#include "support/offline_state_test.h"

namespace offline_state_tests {
namespace {

using IMAPIOfflineGetCapabilities = OfflineStateTest;
using IMAPIOfflineGetCurrentState = OfflineStateTest;

TEST_F(IMAPIOfflineGetCapabilities, GivesWhatTheObjectWasCreatedWith) {
    PROVES("CAPS-1@6e9a CAPS-2@b820");
    for (const ULONG capabilities : {0u, 1u, 2u, 3u, 0xFFFFFFFFu}) {
        const offline_state::Host host(profile, capabilities);
        ULONG given = poison;
        EXPECT_EQ(S_OK, host.object()->GetCapabilities(&given));
        EXPECT_EQ(capabilities, given);
    }
}

TEST_F(IMAPIOfflineGetCapabilities, RefusesANullPointer) {
    PROVES("GET-2@094b");
    const offline_state::Host host(profile);
    EXPECT_EQ(E_INVALIDARG, host.object()->GetCapabilities(nullptr));
}

TEST_F(IMAPIOfflineGetCapabilities, AChangeThatCannotBeNotifiedTakesPlaceAllTheSame) {
    PROVES("CAPS-3@c305 CAPS-2@b820 NOTIFY-4.1@f396");
    offline_state::Host host(profile, MAPIOFFLINE_CAPABILITY_ONLINE);
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(host.object(), callback.Get());
    EXPECT_EQ(S_OK, host.work_offline(true));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE), state_of(host.object()));
    EXPECT_EQ(0u, callback->notifications().size());
    EXPECT_EQ(S_OK, host.work_offline(false));
    EXPECT_EQ(going_online, callback->texts());
    unadvise(host.object(), token);
}

TEST_F(IMAPIOfflineGetCapabilities, EachDirectionHasItsOwn) {
    PROVES("CAPS-1@6e9a CAPS-3@c305");
    offline_state::Host host(profile, MAPIOFFLINE_CAPABILITY_OFFLINE);
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(host.object(), callback.Get());
    EXPECT_EQ(S_OK, host.work_offline(true));
    EXPECT_EQ(S_OK, host.work_offline(false));
    EXPECT_EQ(going_offline, callback->texts());
    unadvise(host.object(), token);
}

TEST_F(IMAPIOfflineGetCurrentState, GivesTheState) {
    PROVES("GET-1@24f8");
    offline_state::Host host(profile);
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state_of(host.object()));
    ASSERT_EQ(S_OK, host.work_offline(true));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_OFFLINE), state_of(host.object()));
    ASSERT_EQ(S_OK, host.work_offline(false));
    EXPECT_EQ(static_cast<ULONG>(MAPIOFFLINE_STATE_ONLINE), state_of(host.object()));
}

TEST_F(IMAPIOfflineGetCurrentState, RefusesANullPointer) {
    PROVES("GET-2@094b");
    const offline_state::Host host(profile);
    EXPECT_EQ(E_INVALIDARG, host.object()->GetCurrentState(nullptr));
}

} // namespace
} // namespace offline_state_tests
