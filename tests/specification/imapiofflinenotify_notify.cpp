// The pages "IMAPIOfflineNotify::Notify" and "MAPIOFFLINE_NOTIFY": what is sent, to whom, in which order, on which
// thread.
#include "specification.h"

#include <stdexcept>

namespace offline_state_specification {
namespace {

using IMAPIOfflineNotifyNotify = Specification;

PROMISE(IMAPIOfflineNotifyNotify, AChangeGivesSTARTAndSTATECHANGEAndDONE, "NOTIFY-1@4011") {
    const Object object = any_object();
    const Client client(object);
    client->await_change(object);
    bool came[4] = {};
    for (const Recorder::Received& each : client->received()) {
        const int type = each.notification.NotifyType;
        came[type >= 1 && type <= 3 ? type : 0] = true;
    }
    EXPECT_TRUE(came[1]) << "START does not come";
    EXPECT_TRUE(came[2]) << "STATECHANGE does not come";
    EXPECT_TRUE(came[3]) << "DONE does not come";
}

PROMISE(IMAPIOfflineNotifyNotify, TheThreeComeInThisOrderWithAllTheirMembers, "NOTIFY-1.1@2cdc") {
    constexpr ULONG client_token = 0xC0FFEE;
    const Object object = any_object();
    const ULONG from = state_of(object);
    const Client client(object, {}, client_token);
    client->await_change(object, other(from));
    client->await_change(object, from);
    EXPECT_EQ(change_from(from, other(from)) + change_from(other(from), from), client->texts());
    for (const Recorder::Received& each : client->received()) {
        EXPECT_EQ(ULONG{MAPIOFFLINE_STATE_OFFLINE_MASK}, each.notification.Info.StateChange.ulMask);
        EXPECT_EQ(sizeof(MAPIOFFLINE_NOTIFY), each.notification.ulSize);
        EXPECT_EQ(client_token, each.notification.ulClientToken);
    }
}

PROMISE(IMAPIOfflineNotifyNotify, EachPhaseGoesToEveryRegistrationInTheirOrder, "NOTIFY-2@de77") {
    const Object object = any_object();
    const ULONG from = state_of(object);
    Journal journal;
    const Client first(object, journal.writer("first"));
    {
        const Client leaves(object);
    }
    const Client second(object, journal.writer("second"));
    Client moves(object, journal.writer("moves"));
    const Client third(object, journal.writer("third"));
    moves.unadvise();
    const Client last(object, journal.writer("last")); // in the place that is free, and yet behind the third
    start_change(object, other(from));
    EXPECT_EQ(phase_by_phase(change_from(from, other(from)), {"first", "second", "third", "last"}),
              journal.wait_for(12));
}

PROMISE(IMAPIOfflineNotifyNotify, GetCurrentStateGivesTheNewStateFromSTATECHANGEOn, "NOTIFY-3@31a5") {
    const Object object = any_object();
    const ULONG from = state_of(object);
    const Client client(object, [&](const MAPIOFFLINE_NOTIFY& notification) {
        ULONG state = poison;
        EXPECT_RESULT(S_OK, object->GetCurrentState(&state));
        const auto& change = notification.Info.StateChange;
        EXPECT_EQ(is_start(notification) ? change.ulStateOld : change.ulStateNew,
                  state & MAPIOFFLINE_STATE_OFFLINE_MASK)
            << "at " << text(notification);
    });
    client->await_change(object, other(from));
    client->await_change(object, from);
}

PROMISE_THAT(may_deadlock, IMAPIOfflineNotifyNotify, WhoRegistersInsideNotifyHearsOfTheNextChangeFirst,
             "NOTIFY-4@3a1a") {
    const Object object = any_object();
    const ULONG from = state_of(object);
    std::mutex mutex;
    std::vector<std::unique_ptr<Client>> late;
    const Client client(object, [&](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.Info.StateChange.ulStateNew != from) {
            const std::lock_guard lock(mutex);
            late.push_back(std::make_unique<Client>(object));
        }
    });
    client->await_change(object, other(from));
    start_change(object, from);
    const std::lock_guard lock(mutex);
    ASSERT_EQ(3u, late.size());
    for (const auto& each : late) {
        (*each)->wait_for_done();
        EXPECT_EQ(change_from(other(from), from), (*each)->texts());
    }
}

PROMISE(IMAPIOfflineNotifyNotify, WhoRegistersBetweenThePhasesHearsOfTheNextChangeFirst, "NOTIFY-4@3a1a") {
    const Object object = any_object();
    for (const int phase : {1, 2, 3}) {
        Holder holder(object, phase);
        const ULONG to = holder.hold_change(object);
        const Client late(object);
        holder.release();
        late->await_change(object, other(to));
        EXPECT_EQ(change_from(to, other(to)), late->texts());
    }
}

PROMISE(IMAPIOfflineNotifyNotify, WhoRegistersBeforeSTARTHearsOfTheNextChangeFirst, "NOTIFY-4@3a1a") {
    const Object object = new_object();
    const Object second = new_object(profile(L" 2").c_str());
    Holder holder(second); // the reference has one thread for both: START of the first object has to wait
    holder.hold_change(second);
    const ULONG to = start_change(object);
    const Client late(object);
    holder.release();
    late->await_change(object, other(to));
    EXPECT_EQ(change_from(to, other(to)), late->texts());
}

PROMISE(IMAPIOfflineNotifyNotify, WhoRegistersInAChangeOfAParentHearsOfTheNextChangeFirst, "NOTIFY-4@3a1a") {
    const Object global = new_object();
    Holder holder(global);
    const ULONG to = holder.hold_change(global);
    const Object provider = new_provider(global); // born in the change
    const Client late(provider);
    holder.release();
    late->await_change(global, other(to));
    EXPECT_EQ(change_from(to, other(to)), late->texts());
}

PROMISE(IMAPIOfflineNotifyNotify, TheOldStateIsTheNewStateOfTheChangeBefore, "NOTIFY-4.1@4cd1") {
    const Object object = any_object();
    const Client client(object);
    Lines expected;
    for (std::size_t i = 1; i <= 20; ++i) {
        const ULONG to = other(state_of(object));
        if (i % 3 == 0) {
            EXPECT_RESULT(S_OK, set_state(object, to, block));
        } else {
            start_change(object, to);
        }
        client->wait_for_done(i);
        expected.push_back(states(other(to), to));
    }
    EXPECT_EQ(expected, client->changes());
}

PROMISE(IMAPIOfflineNotifyNotify, AllComeOnOneThreadWhichDoesNotCallSetCurrentState, "NOTIFY-5@d805") {
    const Object object = any_object();
    const Client first(object);
    const Client second(object);
    for (std::size_t i = 1; i <= 10; ++i) {
        first->await_change(object);
        second->wait_for_done(i);
    }
    EXPECT_RESULT(S_OK, set_state(object, other(state_of(object)), block));
    const std::thread::id thread = first->received().front().thread;
    EXPECT_NE(std::this_thread::get_id(), thread) << "they come on the thread that calls SetCurrentState";
    for (const Client* each : {&first, &second}) {
        for (const Recorder::Received& received : (*each)->received()) {
            ASSERT_EQ(thread, received.thread) << "they come on several threads";
        }
    }
}

PROMISE(IMAPIOfflineNotifyNotify, InsideAClientMayCallAnything, "NOTIFY-6@71cd") {
    const Object object = new_object();
    const ULONG from = state_of(object);
    const ComPtr<Recorder> callback = Recorder::create();
    std::atomic<ULONG> token{advise(object, callback.Get())};
    const Client client(object, [&](const MAPIOFFLINE_NOTIFY&) {
        unadvise(object, token);
        token = advise(object, callback.Get());
        state_of(object);
        capabilities_of(object);
        set_state(object, from); // starts a change at the first DONE
        EXPECT_TRUE(exists(profile())) << "inside Notify the object is not found";
        EXPECT_TRUE(is_same(new_object().Get(), object.Get()));
    });
    start_change(object, other(from));
    client->wait_for_done(2);
    EXPECT_EQ(2u, callback->references());
    unadvise(object, token);
}

PROMISE(IMAPIOfflineNotifyNotify, InsideAClientMayReleaseItsLastReference, "NOTIFY-6@71cd") {
    for (int i = 0; i < 20; ++i) {
        Object object = new_object();
        Signal started; // a caller keeps its reference until its call has returned
        std::atomic<bool> is_found{true};
        const ComPtr<Recorder> callback = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
            started.wait();
            object.Reset();
            is_found = exists(profile());
        });
        const ComPtr<Recorder> next = Recorder::create();
        advise(object, callback.Get());
        advise(object, next.Get());
        start_change(object);
        started.set();
        EXPECT_TRUE(callback->wait_for_references(1)) << "the object's end leaves a reference on the callback";
        EXPECT_TRUE(next->wait_for_references(1)) << "the object's end leaves a reference on the callback";
        EXPECT_FALSE(is_found) << "an object that nobody holds is found";
        EXPECT_EQ(1u, callback->received().size());
        EXPECT_EQ(Lines{}, next->texts());
    }
}

PROMISE(IMAPIOfflineNotifyNotify, InsideAChildMayEnd, "NOTIFY-6@71cd") {
    const Object global = new_object();
    Object provider = new_provider(global);
    const ComPtr<Recorder> callback = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) { provider.Reset(); });
    advise(provider, callback.Get());
    const Client of_global(global);
    of_global->await_change(global);
    EXPECT_EQ(1u, callback->references());
    EXPECT_EQ(1u, callback->received().size());
}

PROMISE_THAT(ends_the_process, IMAPIOfflineNotifyNotify, AnExceptionThatLeavesItHarmsNoOtherRegistration,
             "NOTIFY-7@d438") {
    const Object object = any_object();
    const Client throws_a_number(object, [](const MAPIOFFLINE_NOTIFY&) { throw 1; });
    const Client throws(object, [](const MAPIOFFLINE_NOTIFY&) { throw std::runtime_error("a client's fault"); });
    const Client good(object);
    const ULONG to = good->await_change(object);
    EXPECT_EQ(change_from(other(to), to), good->texts());
}

PROMISE(IMAPIOfflineNotifyNotify, AChangeOfAParentGoesDownTheTree, "NOTIFY-9@7636") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    const ComPtr<Store> store = Store::below(provider);
    const ULONG from = state_of(global);
    Journal journal;
    const Client of_store(store->face(), journal.writer("store")); // in an order that is not the tree's
    const Client of_provider(provider, journal.writer("provider"));
    const Client of_global(global, journal.writer("global"));
    const Client again(provider, journal.writer("again"));
    start_change(global, other(from));
    EXPECT_EQ(phase_by_phase(change_from(from, other(from)), {"store", "provider", "global", "again"}),
              journal.wait_for(12));
    EXPECT_EQ(other(from), state_of(store->face()));
}

PROMISE(IMAPIOfflineNotifyNotify, AChangeOfAChildStaysBelowIt, "NOTIFY-9@7636") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    const Object beside = new_provider(global, other_guid);
    const ComPtr<Store> store = Store::below(provider);
    const ULONG from = state_of(global);
    Journal journal;
    const Client of_global(global, journal.writer("global"));
    const Client of_provider(provider, journal.writer("provider"));
    const Client of_beside(beside, journal.writer("beside"));
    const Client of_store(store->face(), journal.writer("store"));
    of_store->await_change(provider, other(from));
    EXPECT_EQ(from, state_of(global));
    EXPECT_EQ(from, state_of(beside));
    EXPECT_EQ(other(from), state_of(store->face()));
    start_change(global, other(from)); // what global and beside hear is of this one
    of_beside->wait_for_done();
    const Lines phases = change_from(from, other(from));
    EXPECT_EQ(phase_by_phase(phases, {"provider", "store"}) + phase_by_phase(phases, {"global", "beside"}),
              journal.lines());
}

PROMISE(IMAPIOfflineNotifyNotify, AChildThatEndsInAChangeIsToldNoMore, "NOTIFY-9@7636") {
    const Object global = new_object();
    Object provider = new_provider(global);
    const ComPtr<Recorder> callback = Recorder::create();
    advise(provider, callback.Get());
    Holder holder(global);
    holder.hold_change(global);
    provider.Reset();
    EXPECT_TRUE(callback->wait_for_references(1));
    holder.release();
    EXPECT_EQ(1u, callback->received().size());
}

PROMISE(IMAPIOfflineNotifyNotify, ADescendantThatHasTheStateOrIsMuteInThatDirectionIsNotTold, "NOTIFY-9.1@0053") {
    const Object global = new_object();
    start_change(global, online);
    const Object ahead = new_provider(global);
    const Object mute = new_provider(global, other_guid, MAPIOFFLINE_CAPABILITY_ONLINE);
    const ComPtr<Store> store = Store::below(ahead); // back online below one that is offline
    const Object face = store->face();
    change(ahead, offline);
    change(face, online);
    Journal journal;
    const Client of_ahead(ahead, journal.writer("ahead"));
    const Client of_mute(mute, journal.writer("mute"));
    const Client of_store(face, journal.writer("store"));
    change(global, offline);
    EXPECT_EQ(phase_by_phase(change_from(online, offline), {"store"}), journal.lines());
    EXPECT_EQ(offline, state_of(mute));
    EXPECT_EQ(offline, state_of(face));
    change(global, online);
    EXPECT_EQ(phase_by_phase(change_from(online, offline), {"store"}) +
                  phase_by_phase(change_from(offline, online), {"ahead", "mute", "store"}),
              journal.lines());
}

} // namespace
} // namespace offline_state_specification
