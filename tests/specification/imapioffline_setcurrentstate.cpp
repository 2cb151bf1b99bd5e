// The page "IMAPIOffline::SetCurrentState".
#include "specification.h"

namespace offline_state_specification {
namespace {

using IMAPIOfflineSetCurrentState = Specification;

constexpr ULONG mask = MAPIOFFLINE_STATE_OFFLINE_MASK;

PROMISE(IMAPIOfflineSetCurrentState, AcceptsBothStatesAndBothFlags, "SET-1@08b1") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    change(object, other(before));
    change(object, before);
    EXPECT_RESULT(S_OK, set_state_patiently(object, other(before), block));
    EXPECT_EQ(other(before), state_of(object));
    EXPECT_RESULT(S_OK, set_state_patiently(object, before, block));
    EXPECT_EQ(before, state_of(object));
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineSetCurrentState, RefusesAnythingElseAndChangesNothing, "SET-1.1@e61a") {
    struct BadState {
        const char* with;
        ULONG flags;
        ULONG mask;
        ULONG state;
    };
    static constexpr BadState bad_states[] = {
        {"with an unknown flag", 1, mask, offline},
        {"with an unknown flag beside BLOCK", block | 1, mask, offline},
        {"with all flags", 0xFFFFFFFF, mask, offline},
        {"with a mask of 0", by_default, 0, offline},
        {"with a mask of one bit", by_default, offline, offline},
        {"with the mask MAPIOFFLINE_STATE_ALL", by_default, MAPIOFFLINE_STATE_ALL, offline},
        {"with a state of 0", by_default, mask, 0},
        {"with both states", by_default, mask, online | offline},
        {"with a state that is none", by_default, mask, 0xFFFFFFFF},
    };
    const Object object = any_object();
    if (state_of(object) != online) {
        change(object, online);
    }
    const Client client(object);
    for (const BadState& call : bad_states) {
        EXPECT_RESULT(E_INVALIDARG, object->SetCurrentState(call.flags, call.mask, call.state, nullptr)) << call.with;
        EXPECT_EQ(online, state_of(object)) << call.with;
    }
    int reserved = 0;
    EXPECT_RESULT(E_INVALIDARG, object->SetCurrentState(by_default, mask, offline, &reserved));
    client->await_change(object, offline);
    EXPECT_EQ(Lines{states(online, offline)}, client->changes());
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineSetCurrentState, RefusesAnythingElseInAChangeToo, "SET-1.1@e61a") {
    const Object object = any_object();
    Holder holder(object);
    holder.hold_change(object);
    EXPECT_RESULT(E_INVALIDARG, object->SetCurrentState(by_default, mask, online | offline, nullptr));
    holder.release();
}

PROMISE(IMAPIOfflineSetCurrentState, WithDEFAULTDoesNotWaitForTheChange, "SET-2@fce9") {
    const Object object = any_object();
    Signal returned;
    std::atomic<bool> waited{false};
    const Client client(object, [&](const MAPIOFFLINE_NOTIFY&) { waited = waited || !returned.wait(); });
    start_change(object);
    returned.set();
    client->wait_for_done();
    EXPECT_FALSE(waited) << "SetCurrentState with DEFAULT waits for a client's Notify";
}

PROMISE(IMAPIOfflineSetCurrentState, WithDEFAULTReturnsOkWhenItStartsAChange, "SET-2.1@e42d") {
    const Object object = any_object();
    Holder holder(object);
    EXPECT_RESULT(S_OK, set_state(object, other(state_of(object))));
    holder.wait_until_it_holds();
    holder.release();
}

PROMISE(IMAPIOfflineSetCurrentState, WithBLOCKReturnsWhenTheChangeIsComplete, "SET-3@554f") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    EXPECT_RESULT(S_OK, set_state_patiently(object, other(before), block));
    EXPECT_EQ(other(before), state_of(object));

    HRESULT result = E_FAIL;
    Holder holder(object);
    ParallelCall call([&] { result = set_state_patiently(object, before, block); });
    holder.wait_until_it_holds();
    EXPECT_TRUE(call.waits()) << "SetCurrentState with BLOCK returns at START";
    holder.release();
    call.join();
    EXPECT_RESULT(S_OK, result);
    EXPECT_EQ(before, state_of(object));
}

PROMISE(IMAPIOfflineSetCurrentState, CompleteMeansThatEveryRegistrationHasHadDONE, "SET-3.1@779f") {
    const Object object = any_object();
    const ULONG to = other(state_of(object));
    Holder first(object, MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE);
    const Client second(object);
    std::size_t done = 0;
    ParallelCall call([&] {
        set_state(object, to, block);
        done = second->changes().size();
    });
    first.wait_until_it_holds();
    EXPECT_TRUE(call.waits()) << "SetCurrentState with BLOCK returns while the first registration has DONE";
    first.release();
    call.join();
    EXPECT_EQ(1u, done) << "SetCurrentState with BLOCK returns before the second registration has had DONE";
}

PROMISE(IMAPIOfflineSetCurrentState, WithBLOCKWaitsForTheWholeTree, "SET-3.1@779f") {
    const Object global = new_object();
    const ComPtr<Store> store = Store::below(new_provider(global));
    const Object face = store->face();
    const Client client(face);
    const ULONG before = state_of(global);
    Lines expected;
    for (const ULONG state : {other(before), before, other(before), before}) {
        ASSERT_RESULT(S_OK, set_state(global, state, block));
        expected = expected + change_from(other(state), state);
        EXPECT_EQ(expected, client->texts());
    }
}

PROMISE(IMAPIOfflineSetCurrentState, IsPendingWhileAChangeIsUnderWay, "SET-4@0627") {
    const Object object = any_object();
    for (const int phase : {1, 2}) {
        Holder holder(object, phase);
        const ULONG to = holder.hold_change(object);
        EXPECT_RESULT(E_PENDING, set_state(object, to));
        EXPECT_RESULT(E_PENDING, set_state(object, other(to)));
        holder.release();
    }
}

PROMISE(IMAPIOfflineSetCurrentState, IsPendingWhateverTheFlagsOfBothCalls, "SET-4.1@9b54") {
    const Object object = any_object();
    for (const ULONG started_with : {by_default, block}) {
        const ULONG before = state_of(object);
        Holder holder(object);
        std::atomic<HRESULT> result{E_FAIL};
        ParallelCall starter([&] { result = set_state_patiently(object, other(before), started_with); });
        holder.wait_until_it_holds();
        for (const ULONG flags : {by_default, block}) {
            EXPECT_RESULT(E_PENDING, set_state(object, before, flags));
            EXPECT_RESULT(E_PENDING, set_state(object, other(before), flags));
        }
        holder.release();
        starter.join();
        EXPECT_RESULT(S_OK, result);
    }
}

PROMISE(IMAPIOfflineSetCurrentState, IsPendingAboveAndBelowAChangeAndNotBesideIt, "SET-4.2@694e") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    const Object beside = new_provider(global, other_guid);
    const ComPtr<Store> store = Store::below(provider);
    const ULONG to = other(state_of(global));
    {
        Holder holder(provider);
        holder.hold_change(provider, to);
        EXPECT_RESULT(E_PENDING, set_state(global, to));
        EXPECT_RESULT(E_PENDING, set_state(store->inner(), to));
        EXPECT_RESULT(S_OK, set_state(beside, to));
        holder.release();
    }
    Holder holder(global);
    holder.hold_change(global, to);
    EXPECT_RESULT(E_PENDING, set_state(provider, other(to)));
    EXPECT_RESULT(E_PENDING, set_state(new_provider(global, provider_guid), other(to))); // born in the change
    holder.release();
}

PROMISE(IMAPIOfflineSetCurrentState, ToTheStateThatIsThereNotifiesNothing, "SET-5@7f6b") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    const Client client(object);
    EXPECT_RESULT(S_OK, set_state(object, before));
    EXPECT_RESULT(S_OK, set_state(object, before, block));
    client->await_change(object, other(before));
    EXPECT_EQ(Lines{states(before, other(before))}, client->changes());
}

PROMISE(IMAPIOfflineSetCurrentState, ToTheStateThatIsThereLeavesWhatIsBelow, "SET-5@7f6b") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    change(provider, offline);
    const Client client(provider);
    EXPECT_RESULT(S_OK, set_state(global, online)); // nothing for the provider to inherit
    EXPECT_EQ(offline, state_of(provider));
    client->await_change(provider, online);
    EXPECT_EQ(Lines{states(offline, online)}, client->changes());
}

PROMISE(IMAPIOfflineSetCurrentState, AClientMayGoBackToTheStateBeforeAtDONE, "SET-6@8240") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    std::atomic<HRESULT> result{E_FAIL};
    const Client client(object, [&](const MAPIOFFLINE_NOTIFY& notification) {
        const ULONG to = notification.Info.StateChange.ulStateNew & MAPIOFFLINE_STATE_OFFLINE_MASK;
        if (is_done(notification) && to != before && result != S_OK) { // DONE may come twice
            result = set_state(object, before);
        }
    });
    client->await_change(object, other(before));
    EXPECT_RESULT(S_OK, result);
    EXPECT_TRUE(until([&] { return state_of(object) == before; })) << "the state does not come back";
}

PROMISE(IMAPIOfflineSetCurrentState, WhatIsAskedForAtDONEStartsWhenEveryRegistrationHasHadDONE, "SET-6.1@ce07") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    Journal journal;
    const auto writes = journal.writer("first");
    const Client first(object, [&](const MAPIOFFLINE_NOTIFY& notification) {
        writes(notification);
        if (is_done(notification) && notification.Info.StateChange.ulStateNew != before) {
            set_state(object, before);
        }
    });
    const Client second(object, journal.writer("second"));
    start_change(object, other(before));
    EXPECT_EQ(
        phase_by_phase(change_from(before, other(before)) + change_from(other(before), before), {"first", "second"}),
        journal.wait_for(12));
}

PROMISE(IMAPIOfflineSetCurrentState, AChildMayGoItsOwnWayAtDONEOfItsParent, "SET-6.1@ce07") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    const Client client(provider, [&](const MAPIOFFLINE_NOTIFY& notification) {
        if (is_done(notification) && notification.Info.StateChange.ulStateNew == offline) {
            EXPECT_RESULT(S_OK, set_state(provider, online));
        }
    });
    const Client second(provider);
    start_change(global, offline);
    second->wait_for_done(2);
    EXPECT_EQ(change_from(online, offline) + change_from(offline, online), second->texts());
    EXPECT_EQ(online, state_of(provider));
    EXPECT_EQ(offline, state_of(global));
}

PROMISE(IMAPIOfflineSetCurrentState, TwoClientsThatInsistNeverSettleUntilOneGivesWay, "SET-6.1@ce07") {
    constexpr std::size_t tries = 200;
    const Object object = any_object();
    start_change(object, online);
    const auto insist_on = [&](ULONG wanted, std::size_t left) {
        return [&object, wanted, left](const MAPIOFFLINE_NOTIFY& notification) mutable {
            if (is_done(notification) && notification.Info.StateChange.ulStateNew != wanted && left-- > 0) {
                EXPECT_RESULT(S_OK, set_state(object, wanted));
            }
        };
    };
    const Client gives_way(object, insist_on(online, tries));
    const Client insists(object, insist_on(offline, 1'000'000));
    start_change(object, offline);
    insists->wait_for_done(1 + 2 * tries);
    start_change(object, offline); // the state that is there; accepted when nothing is under way
    EXPECT_EQ(1 + 2 * tries, insists->changes().size());
}

PROMISE_THAT(may_deadlock, IMAPIOfflineSetCurrentState, WithBLOCKInsideNotifyIsPendingAndStartsNothing,
             "SET-7.1@6eef") {
    const Object object = any_object();
    const ULONG before = state_of(object);
    const Client client(object, [&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.Info.StateChange.ulStateNew != before) {
            EXPECT_RESULT(E_PENDING, set_state(object, before, block));
            EXPECT_RESULT(E_PENDING, set_state(object, other(before), block));
        }
    });
    client->await_change(object, other(before));
    client->await_change(object, before);
    EXPECT_EQ((Lines{states(before, other(before)), states(other(before), before)}), client->changes());
}

PROMISE_THAT(may_deadlock, IMAPIOfflineSetCurrentState, WithBLOCKInsideANotifyOfAnotherObjectIsPendingToo,
             "SET-7.1@6eef") {
    const Object object = new_object();
    const Object second = new_object(profile(L" 2").c_str());
    const Client client(
        object, [&](const MAPIOFFLINE_NOTIFY&) { EXPECT_RESULT(E_PENDING, set_state(second, offline, block)); });
    client->await_change(object);
    EXPECT_EQ(online, state_of(second));
}

PROMISE(IMAPIOfflineSetCurrentState, OfManyThreadsThatAskAtOnceExactlyOneStartsTheChange, "SET-8@6e69") {
    constexpr int count = 8;
    const Object object = any_object();
    for (int round = 0; round < 20; ++round) {
        const ULONG to = other(state_of(object));
        Holder holder(object); // so that nobody finds the change done
        std::atomic<int> started{0};
        std::atomic<int> pending{0};
        on_threads(count, [&](unsigned) {
            const HRESULT result = set_state(object, to);
            started += result == S_OK ? 1 : 0;
            pending += result == E_PENDING ? 1 : 0;
        });
        ASSERT_TRUE(started == 1 && pending == count - 1)
            << "of 8 threads " << started << " start it and " << pending << " get E_PENDING";
        holder.release();
    }
}

} // namespace
} // namespace offline_state_specification
