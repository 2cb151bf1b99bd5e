// The page "About the Offline State API": what the whole is for.
#include "specification.h"

namespace offline_state_specification {
namespace {

using AboutTheOfflineStateApi = Specification;

PROMISE(AboutTheOfflineStateApi, AChangeOfTheStateCallsAClientBack, "ABOUT-1@a13f") {
    const Object object = any_object();
    const Client client(object);
    client->await_change(object);
}

PROMISE(AboutTheOfflineStateApi, EachProfileHasAnObjectAndAStateOfItsOwn, "ABOUT-2@6a58") {
    const Object object = new_object();
    const Object second = new_object(profile(L" 2").c_str());
    EXPECT_FALSE(is_same(object.Get(), second.Get())) << "two profiles share an object";
    const ULONG state = state_of(second);
    change(object, other(state_of(object)));
    EXPECT_EQ(state, state_of(second)) << "a change of one profile's state changes another's";
}

PROMISE_THAT(reads, AboutTheOfflineStateApi, AdviseRefusesEachOtherKindOfCallback, "ABOUT-3@5f98") {
    const Object object = any_object();
    const ComPtr<Recorder> callback = Recorder::create();
    for (const int type : {-1, 1, 2, 3}) {
        MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
        info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(type);
        ULONG token = poison;
        EXPECT_RESULT(E_INVALIDARG, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
    }
}

PROMISE(AboutTheOfflineStateApi, AClientTakesItsFiveSteps, "ABOUT-4@268b") {
    const Object host = any_object();
    Object object;
    ASSERT_RESULT(S_OK, open_patiently(profile(), object));
    EXPECT_NE(0u, capabilities_of(object)) << "the object can notify nothing";
    Client client(object);
    client->await_change(host);
    EXPECT_RESULT(S_OK, client.unadvise());
}

} // namespace
} // namespace offline_state_specification
