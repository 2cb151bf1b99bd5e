// The pages "IMAPIOffline::GetCapabilities" and "IMAPIOffline::GetCurrentState".
#include "specification.h"

namespace offline_state_specification {
namespace {

using IMAPIOfflineGetCapabilities = Specification;
using IMAPIOfflineGetCurrentState = Specification;

PROMISE(IMAPIOfflineGetCapabilities, GivesBothWhenTheObjectWasCreatedWithBoth, "CAPS-1@6e9a") {
    EXPECT_EQ(both_capabilities, capabilities_of(new_object()));
}

PROMISE(IMAPIOfflineGetCapabilities, GivesOneWithoutTheOther, "CAPS-2@b820") {
    for (const ULONG one : {ULONG{MAPIOFFLINE_CAPABILITY_OFFLINE}, ULONG{MAPIOFFLINE_CAPABILITY_ONLINE}}) {
        EXPECT_EQ(one, capabilities_of(new_object(profile(one == 1 ? L" 1" : L" 2").c_str(), one)));
    }
}

PROMISE(IMAPIOfflineGetCapabilities, AChangeThatCannotBeNotifiedTakesPlaceUntold, "CAPS-3@915c") {
    for (const ULONG state : {offline, online}) {
        const ULONG only = state == offline ? MAPIOFFLINE_CAPABILITY_OFFLINE : MAPIOFFLINE_CAPABILITY_ONLINE;
        const Object object = new_object(profile(state == offline ? L" 1" : L" 2").c_str(), only);
        start_change(object, state);
        start_change(object, other(state)); // is accepted when the one before is complete
        start_change(object, state);
        const Client client(object);
        start_change(object, other(state));
        client->await_change(object, state);
        EXPECT_EQ(Lines{states(other(state), state)}, client->changes());
        EXPECT_EQ(state, state_of(object));
    }
}

PROMISE(IMAPIOfflineGetCurrentState, GivesTheNewStateAfterAChange, "GET-1@24f8") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    for (const ULONG state : {other(before), before}) {
        change(object, state);
        EXPECT_EQ(state, state_of(object));
    }
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineGetCurrentState, RefusesANullPointerAsGetCapabilitiesDoes, "GET-2@094b") {
    const Object object = any_object();
    EXPECT_RESULT(E_INVALIDARG, object->GetCapabilities(nullptr));
    EXPECT_RESULT(E_INVALIDARG, object->GetCurrentState(nullptr));
}

} // namespace
} // namespace offline_state_specification
