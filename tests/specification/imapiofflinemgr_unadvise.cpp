// The page "IMAPIOfflineMgr::Unadvise".
#include "specification.h"

namespace offline_state_specification {
namespace {

using IMAPIOfflineMgrUnadvise = Specification;

PROMISE_THAT(reads, IMAPIOfflineMgrUnadvise, ReturnsOk, "UNADVISE-1@37c9") {
    const Object object = any_object();
    Client client(object);
    EXPECT_RESULT(S_OK, client.unadvise());
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineMgrUnadvise, ReturnsOkForAnyTokenAndAnyFlags, "UNADVISE-1.1@f86c") {
    const Object object = any_object();
    const Client client(object);
    const Client second(object);
    for (const ULONG token : {ULONG{0}, ULONG{12345}, poison, ULONG{0xFFFFFFFF}}) {
        EXPECT_RESULT(S_OK, unadvise(object, token)) << "for a token that is none";
    }
    EXPECT_EQ(2u, client->references());
    EXPECT_RESULT(S_OK, object->Unadvise(0xFFFFFFFF, client.token()));
    EXPECT_EQ(1u, client->references()) << "flags are heeded";
    EXPECT_RESULT(S_OK, unadvise(object, client.token())) << "for a token that is used up";
    EXPECT_EQ(2u, second->references());
}

PROMISE(IMAPIOfflineMgrUnadvise, LeavesTheRegistrationsOfOtherObjects, "ADVISE-1.2@1c94") {
    const Object object = new_object();
    const Object provider = new_provider(object);
    const Client client(provider);
    EXPECT_RESULT(S_OK, unadvise(object, client.token()));
    EXPECT_RESULT(S_OK, unadvise(new_object(profile(L" 2").c_str()), client.token()));
    EXPECT_EQ(2u, client->references()) << "a token ends a registration of another object";
}

PROMISE_THAT(reads, IMAPIOfflineMgrUnadvise, ReleasesTheCallback, "UNADVISE-2@2b77") {
    const Object object = any_object();
    Client client(object);
    client.unadvise();
    EXPECT_TRUE(client->wait_for_references(1)) << "a reference on the callback is left";
}

PROMISE_THAT(may_deadlock, IMAPIOfflineMgrUnadvise, WaitsForANotifyOnAnotherThread, "UNADVISE-3@83fa") {
    const Object object = any_object();
    Holder holder(object);
    const Client staying(object);
    const ULONG token = holder.client().token();
    holder.hold_change(object);
    ParallelCall first([&] { unadvise(object, token); });
    EXPECT_TRUE(first.waits()) << "Unadvise returns while the registration's Notify runs";
    ParallelCall second([&] { unadvise(object, token); }); // the token is used up, but the promise still holds
    EXPECT_TRUE(second.waits()) << "a second Unadvise returns while the registration's Notify runs";
    holder.let_go();
    first.join();
    second.join();
    staying->wait_for_done();
    EXPECT_EQ(1u, holder.client()->received().size()) << "Notify runs again after Unadvise";
}

PROMISE_THAT(may_deadlock, IMAPIOfflineMgrUnadvise, InsideItsOwnNotifyDoesNotWait, "UNADVISE-3@83fa") {
    const Object object = any_object();
    std::atomic<ULONG> token{0};
    std::atomic<int> alive{0};
    const int before = Recorder::alive();
    token = advise(object, Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
                               unadvise(object, token);
                               alive = Recorder::alive(); // the caller of Notify still holds it
                           }).Get());
    const Client staying(object);
    staying->await_change(object);
    EXPECT_EQ(before + 2, alive) << "the callback is gone while its Notify runs, or Notify has not run once";
    EXPECT_EQ(before + 1, Recorder::alive()) << "a reference on the callback is left";
}

PROMISE_THAT(may_deadlock, IMAPIOfflineMgrUnadvise, InsideTheNotifyOfAnotherTakesEffectInTheSamePhase,
             "UNADVISE-3@83fa") {
    const Object object = any_object();
    std::atomic<ULONG> token{0};
    const Client first(object, [&](const MAPIOFFLINE_NOTIFY&) { unadvise(object, token); });
    const Client second(object);
    token = second.token();
    const Client staying(object);
    staying->await_change(object);
    EXPECT_EQ(Lines{}, second->texts());
    EXPECT_EQ(3u, first->texts().size());
}

PROMISE_THAT(may_deadlock, IMAPIOfflineMgrUnadvise, DoesNotWaitForTheNotifyOfAnother, "UNADVISE-3@83fa") {
    const Object object = any_object();
    Holder holder(object);
    Client next(object);
    holder.hold_change(object);
    next.unadvise(); // would wait for ever
    EXPECT_EQ(1u, next->references());
    holder.release();
    EXPECT_EQ(Lines{}, next->texts());
}

PROMISE(IMAPIOfflineMgrUnadvise, WhatIsLeftIsReleasedWithTheObject, "UNADVISE-4@80c0") {
    Object object = new_object();
    const ComPtr<Recorder> callback = Recorder::create();
    advise(object, callback.Get());
    advise(object, callback.Get());
    start_change(object); // under way, or over
    object.Reset();
    EXPECT_TRUE(callback->wait_for_references(1)) << "the object's end leaves a reference on the callback";
    const Lines received = callback->texts();
    object = new_object();
    change(object, other(state_of(object)));
    EXPECT_EQ(received, callback->texts()) << "a registration of an object that is gone is notified";
}

PROMISE(IMAPIOfflineMgrUnadvise, TheEndOfAnObjectWaitsForARunningNotify, "UNADVISE-4@80c0") {
    const Object global = new_object();
    const Client above(global);
    Object ends = new_provider(global);
    Signal entered;
    Signal go_on;
    const ComPtr<Recorder> callback = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
        entered.set();
        go_on.wait();
    });
    advise(ends, callback.Get());
    start_change(global);
    ASSERT_TRUE(entered.wait()) << "no notification comes";
    ParallelCall call([&] { ends.Reset(); });
    EXPECT_TRUE(call.waits()) << "the last Release returns while a Notify runs";
    go_on.set();
    call.join();
    EXPECT_EQ(1u, callback->references());
    above->wait_for_done();
    EXPECT_EQ(1u, callback->received().size()) << "a registration of an object that is gone is notified";
}

} // namespace
} // namespace offline_state_specification
