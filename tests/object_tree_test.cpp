// The pages "HrCreateOfflineObj" and "MAPIOFFLINE_AGGREGATEINFO": providers' objects below the global one, and stores'
// objects below these.
#include "support/object_tree.h"
#include "support/offline_state_test.h"
#include "support/waiting_thread.h"

#include <memory>
#include <string>
#include <vector>

namespace offline_state_tests {
namespace {

constexpr ULONG online = MAPIOFFLINE_STATE_ONLINE;
constexpr ULONG offline = MAPIOFFLINE_STATE_OFFLINE;

/// The global object of a profile, and a provider's below it. Notifications come when deliver is called.
class ObjectTree : public OfflineStateTest {
protected:
    ObjectTree()
        : host_(std::make_unique<offline_state::Host>(profile)), provider_(create_provider(profile, global())) {}

    IMAPIOfflineMgr* global() { return host_->object(); }
    IMAPIOfflineMgr* provider() { return provider_.Get(); }

    /// A callback that writes what it is told, with its name, into one list for all.
    ComPtr<FakeNotify> recorder(const std::string& name) {
        return FakeNotify::create(
            [this, name](const MAPIOFFLINE_NOTIFY& notification) { told_.push_back(name + ' ' + text(notification)); });
    }

    std::vector<std::string> deliver() {
        dispatcher_.deliver_all();
        return std::exchange(told_, {});
    }

    offline_state::ManualDispatcher dispatcher_;
    std::unique_ptr<offline_state::Host> host_; // goes where a test lets go of it
    ComPtr<IMAPIOfflineMgr> provider_;
    std::vector<std::string> told_;
};

TEST_F(ObjectTree, AChangeGoesDownTheTreePhaseByPhase) {
    PROVES("CREATE-3@f52f CREATE-4@18a1 NOTIFY-9@7636 NOTIFY-2@c1b5");
    const ComPtr<Outer> store = Outer::create(profile, provider());
    // Registered in an order that is not the tree's.
    advise(store->offline().Get(), recorder("store").Get());
    advise(provider(), recorder("provider").Get());
    advise(global(), recorder("global").Get());
    advise(provider(), recorder("provider again").Get());
    ASSERT_EQ(S_OK, set_state(global(), offline));
    const std::vector<std::string> names{"store", "provider", "global", "provider again"};
    std::vector<std::string> expected;
    for (const std::string& phase : going_offline) {
        for (const std::string& name : names) {
            expected.emplace_back(name).append(" ").append(phase);
        }
    }
    EXPECT_EQ(expected, deliver());
    EXPECT_EQ(offline, state_of(provider()));
    EXPECT_EQ(offline, state_of(store->offline().Get()));
}

TEST_F(ObjectTree, AChildsOwnChangeStaysBelowIt) {
    PROVES("NOTIFY-9@7636");
    const ComPtr<IMAPIOfflineMgr> beside = create_provider(profile, global(), IID_IMAPIOffline);
    const ComPtr<Outer> store = Outer::create(profile, provider());
    advise(global(), recorder("global").Get());
    advise(provider(), recorder("provider").Get());
    advise(beside.Get(), recorder("beside").Get());
    advise(store->offline().Get(), recorder("store").Get());
    ASSERT_EQ(S_OK, set_state(provider(), offline));
    EXPECT_EQ((std::vector<std::string>{"provider START online->offline", "store START online->offline",
                                        "provider STATECHANGE online->offline", "store STATECHANGE online->offline",
                                        "provider DONE online->offline", "store DONE online->offline"}),
              deliver());
    EXPECT_EQ(online, state_of(global()));
    EXPECT_EQ(online, state_of(beside.Get()));
    EXPECT_EQ(offline, state_of(store->offline().Get()));
}

TEST_F(ObjectTree, WhoHasTheStateAlreadyIsNotToldOfIt) {
    PROVES("NOTIFY-9.1@f768 NOTIFY-4.1@f396 SET-5@7f6b");
    const ComPtr<Outer> store = Outer::create(profile, provider());
    ASSERT_EQ(S_OK, set_state(provider(), offline));
    deliver();
    ASSERT_EQ(S_OK, set_state(store->offline().Get(), online));
    deliver();
    advise(global(), recorder("global").Get());
    advise(provider(), recorder("provider").Get());
    advise(store->offline().Get(), recorder("store").Get());
    ASSERT_EQ(S_OK, set_state(global(), offline)); // the provider is offline, the store is not
    EXPECT_EQ((std::vector<std::string>{"global START online->offline", "store START online->offline",
                                        "global STATECHANGE online->offline", "store STATECHANGE online->offline",
                                        "global DONE online->offline", "store DONE online->offline"}),
              deliver());
    ASSERT_EQ(S_OK, set_state(provider(), online));
    deliver();
    EXPECT_EQ(S_OK, set_state(global(), offline)); // the global object has it: nothing for the provider to inherit
    EXPECT_TRUE(deliver().empty());
    EXPECT_EQ(online, state_of(provider()));
}

TEST_F(ObjectTree, EachObjectNotifiesWhatItCan) {
    PROVES("NOTIFY-9.1@f768 CAPS-3@c305");
    const ComPtr<IMAPIOfflineMgr> only_online =
        create_provider(profile, global(), IID_IMAPIOffline, MAPIOFFLINE_CAPABILITY_ONLINE);
    advise(only_online.Get(), recorder("only online").Get());
    ASSERT_EQ(S_OK, set_state(global(), offline));
    EXPECT_TRUE(deliver().empty());
    EXPECT_EQ(offline, state_of(only_online.Get()));
    ASSERT_EQ(S_OK, set_state(global(), online));
    EXPECT_EQ(3u, deliver().size());
}

TEST_F(ObjectTree, AChildBeginsInTheStateOfItsParent) {
    PROVES("CREATE-6.1@f607");
    ASSERT_EQ(S_OK, set_state(global(), offline));
    deliver();
    const ComPtr<IMAPIOfflineMgr> child = create_provider(profile, global(), IID_IMAPIOffline);
    EXPECT_EQ(offline, state_of(child.Get()));
    ASSERT_EQ(S_OK, set_state(child.Get(), online));
    deliver();
    const ComPtr<Outer> store = Outer::create(profile, child.Get());
    EXPECT_EQ(online, state_of(store->offline().Get()));
}

TEST_F(ObjectTree, AChildThatIsBornInAChangeFollowsItUntold) {
    PROVES("CREATE-6.1@f607 NOTIFY-4@353d SET-4.2@3e50");
    ASSERT_EQ(S_OK, set_state(global(), offline));
    ASSERT_TRUE(dispatcher_.deliver_phase()); // START
    const ComPtr<IMAPIOfflineMgr> child = create_provider(profile, global(), IID_IMAPIOffline);
    advise(child.Get(), recorder("child").Get());
    EXPECT_EQ(online, state_of(child.Get()));
    EXPECT_EQ(E_PENDING, set_state(child.Get(), offline));
    ASSERT_TRUE(dispatcher_.deliver_phase()); // STATECHANGE
    EXPECT_EQ(offline, state_of(child.Get()));
    EXPECT_TRUE(deliver().empty());
    EXPECT_EQ(S_OK, set_state(child.Get(), online));
    EXPECT_EQ(3u, deliver().size());
}

TEST_F(ObjectTree, AChangeIsUnderWayAboveAndBelowButNotBeside) {
    PROVES("SET-4.2@3e50");
    const ComPtr<IMAPIOfflineMgr> beside = create_provider(profile, global(), IID_IMAPIOffline);
    const ComPtr<Outer> store = Outer::create(profile, provider());
    ASSERT_EQ(S_OK, set_state(provider(), offline));
    EXPECT_EQ(E_PENDING, set_state(global(), offline));
    EXPECT_EQ(E_PENDING, set_state(store->offline().Get(), offline));
    EXPECT_EQ(E_PENDING, set_state(provider(), online));
    advise(provider(), recorder("provider").Get());
    advise(beside.Get(), recorder("beside").Get());
    EXPECT_EQ(S_OK, set_state(beside.Get(), offline));
    EXPECT_EQ((std::vector<std::string>{"beside START online->offline", "beside STATECHANGE online->offline",
                                        "beside DONE online->offline"}),
              deliver()); // and the provider's registration came after its change was accepted
    EXPECT_EQ(S_OK, set_state(global(), offline));
    EXPECT_TRUE(deliver().empty()); // both have that state
}

TEST_F(ObjectTree, TheNextChangeMayBeAskedForAtDone) {
    PROVES("SET-6.1@e164 NOTIFY-6@71cd");
    const ComPtr<FakeNotify> wants_online = FakeNotify::create([this](const MAPIOFFLINE_NOTIFY& notification) {
        if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
            notification.Info.StateChange.ulStateNew == offline) {
            EXPECT_EQ(S_OK, set_state(provider(), online));
        }
    });
    advise(provider(), wants_online.Get());
    const ComPtr<FakeNotify> second = FakeNotify::create();
    advise(provider(), second.Get());
    ASSERT_EQ(S_OK, set_state(global(), offline));
    deliver();
    EXPECT_EQ(going_offline + going_online, second->texts());
    EXPECT_EQ(online, state_of(provider()));
    EXPECT_EQ(offline, state_of(global()));
    provider_.Reset(); // with its registrations, which look at it
}

TEST_F(ObjectTree, TheSameIdentityIsTheSameObject) {
    PROVES("CREATE-8@a021");
    EXPECT_EQ(provider(), create_provider(L"PROFILE", global()).Get());
    EXPECT_NE(provider(), create_provider(profile, global(), provider_guid, IID_IMAPIOffline).Get()); // instance
    EXPECT_NE(provider(), create_provider(profile, global(), IID_IMAPIOffline).Get());                // GUID
    const offline_state::Host other(L"Other");
    EXPECT_NE(provider(), create_provider(L"Other", other.object()).Get());
    const ComPtr<Outer> store = Outer::create(profile, provider());
    const ComPtr<Outer> again = Outer::create(profile, provider());
    EXPECT_NE(store->inner(), again->inner());
}

TEST_F(ObjectTree, AChildKeepsItsParentAndNotTheOtherWayRound) {
    PROVES("CREATE-11@0e02 CREATE-5@a7c2");
    ComPtr<Outer> store = Outer::create(profile, provider());
    host_.reset();
    provider_.Reset();
    ComPtr<IMAPIOfflineMgr> opened;
    ASSERT_EQ(S_OK, open(profile, opened)); // the store keeps the provider, and that one the global object
    EXPECT_EQ(2u, references_of(opened.Get()));
    store.Reset();
    EXPECT_EQ(1u, references_of(opened.Get()));
    const ComPtr<IMAPIOfflineMgr> anew = create_provider(profile, opened.Get(), provider_guid, instance_guid, 0);
    ULONG capabilities = poison;
    ASSERT_EQ(S_OK, anew->GetCapabilities(&capabilities));
    EXPECT_EQ(0u, capabilities); // the provider's object before is gone
}

TEST_F(ObjectTree, RefusesParentsThatAreNone) {
    PROVES("CREATE-9@08f0");
    const offline_state::Host other(L"Other");
    const offline_state::Host next(L"Profile next"); // the registry has it right behind this profile's objects
    const ComPtr<IMAPIOfflineMgr> others = create_provider(L"Other", other.object());
    const ComPtr<Outer> store = Outer::create(profile, provider());
    IMAPIOfflineMgr* const no_globals[] = {provider(),     other.object(),         next.object(),
                                           store->inner(), store->offline().Get(), others.Get()};
    for (IMAPIOfflineMgr* const parent : no_globals) {
        ComPtr<IMAPIOfflineMgr> object;
        EXPECT_EQ(E_INVALIDARG, try_create_provider(profile, parent, object, IID_IMAPIOffline));
        EXPECT_EQ(nullptr, object.Get());
    }
    IMAPIOfflineMgr* const no_providers[] = {global(), others.Get(), store->inner(), store->offline().Get()};
    for (IMAPIOfflineMgr* const parent : no_providers) {
        EXPECT_EQ(E_INVALIDARG, Outer::create(nullptr)->aggregate(profile, parent));
    }
    for (const LPCWSTR name : {L"Aaa", L"Zzz"}) { // before and behind it in any order, and without an object
        ComPtr<IMAPIOfflineMgr> object;
        EXPECT_EQ(E_INVALIDARG, try_create_provider(name, global(), object));
        EXPECT_EQ(E_INVALIDARG, Outer::create(nullptr)->aggregate(name, provider()));
    }
    EXPECT_EQ(2u, references_of(provider())); // ours and the store's
}

TEST_F(ObjectTree, TwoFacesAreOneObject) {
    PROVES("CREATE-4@18a1 CREATE-4.1@b60c IFACE-3@dda6 TYPE-7@895d");
    ComPtr<Outer> outer = Outer::create(profile, provider());
    IMAPIOfflineMgr* const own_face = outer->inner();
    EXPECT_EQ(1u, references_of(own_face));
    EXPECT_EQ(1u, outer->references()); // not held by the object inside

    const ComPtr<IMAPIOfflineMgr> face = outer->offline();
    EXPECT_NE(own_face, face.Get());
    EXPECT_EQ(2u, outer->references());
    EXPECT_EQ(1u, references_of(own_face));
    EXPECT_EQ(2u, references_of(face.Get())) << "AddRef and Release of the second face are the outer object's";

    // One identity, whichever way one comes.
    ComPtr<IUnknown> identity;
    ASSERT_EQ(S_OK, face->QueryInterface(IID_PPV_ARGS(identity.GetAddressOf())));
    EXPECT_EQ(static_cast<IUnknown*>(outer.Get()), identity.Get());
    ComPtr<IMAPIOffline> offline_face;
    ASSERT_EQ(S_OK, outer->QueryInterface(IID_PPV_ARGS(offline_face.GetAddressOf())));
    EXPECT_EQ(static_cast<IMAPIOffline*>(face.Get()), offline_face.Get());
    // What only the outer object has is found through the second face, and the other way round.
    ComPtr<IMAPIOfflineNotify> outers;
    ASSERT_EQ(S_OK, face->QueryInterface(IID_PPV_ARGS(outers.GetAddressOf())));
    ComPtr<IMAPIOfflineMgr> back;
    ASSERT_EQ(S_OK, outers->QueryInterface(IID_PPV_ARGS(back.GetAddressOf())));
    EXPECT_EQ(face.Get(), back.Get());
    // The own face is itself under IUnknown.
    ComPtr<IUnknown> own_identity;
    ASSERT_EQ(S_OK, own_face->QueryInterface(IID_PPV_ARGS(own_identity.GetAddressOf())));
    EXPECT_EQ(static_cast<IUnknown*>(own_face), own_identity.Get());
    EXPECT_EQ(2u, references_of(own_face));
}

TEST_F(ObjectTree, BothFacesDoTheSame) {
    PROVES("CREATE-4.1@b60c IFACE-4@2ad2");
    const ComPtr<Outer> outer = Outer::create(profile, provider());
    const ComPtr<IMAPIOfflineMgr> face = outer->offline();
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(face.Get(), callback.Get());
    ASSERT_EQ(S_OK, set_state(face.Get(), offline));
    deliver();
    EXPECT_EQ(going_offline, callback->texts());
    EXPECT_EQ(offline, state_of(outer->inner()));
    EXPECT_EQ(offline, state_of(face.Get()));
    ULONG capabilities = poison;
    EXPECT_EQ(S_OK, face->GetCapabilities(&capabilities));
    EXPECT_EQ(both_capabilities, capabilities);
    EXPECT_EQ(S_OK, unadvise(outer->inner(), token)); // the same registrations
    EXPECT_EQ(1u, callback->references());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder6());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder9());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder10());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder11());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder12());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder13());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder14());
    EXPECT_EQ(E_NOTIMPL, face->Placeholder15());
}

TEST_F(ObjectTree, TheOuterObjectLivesWhileTheSecondFaceIsHeld) {
    PROVES("CREATE-4.1@b60c CREATE-11@0e02");
    ComPtr<IMAPIOfflineMgr> face = Outer::create(profile, provider())->offline();
    EXPECT_EQ(1, Outer::alive());
    EXPECT_EQ(2u, references_of(provider()));
    EXPECT_EQ(0u, face.Detach()->Release());
    EXPECT_EQ(0, Outer::alive());
    EXPECT_EQ(1u, references_of(provider())); // the object inside is gone with it
}

TEST_F(ObjectTree, ATokenIsOneOfItsObjectOnly) {
    PROVES("UNADVISE-1.1@31d0 ADVISE-1.1@4623");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    const ULONG token = advise(provider(), callback.Get());
    EXPECT_EQ(S_OK, unadvise(global(), token));
    EXPECT_EQ(2u, callback->references());
    EXPECT_EQ(S_OK, unadvise(provider(), token));
    EXPECT_EQ(1u, callback->references());
}

TEST_F(ObjectTree, AChildThatEndsInAChangeIsToldNoMore) {
    PROVES("UNADVISE-4@80c0 NOTIFY-9@7636");
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    advise(provider(), callback.Get());
    advise(global(), recorder("global").Get());
    ASSERT_EQ(S_OK, set_state(global(), offline));
    ASSERT_TRUE(dispatcher_.deliver_phase());
    provider_.Reset();
    EXPECT_EQ(1u, callback->references());
    EXPECT_EQ(3u, deliver().size());
    EXPECT_EQ(1u, callback->notifications().size());
}

TEST_F(ObjectTree, AChildMayEndInsideItsOwnNotify) {
    PROVES("NOTIFY-6@71cd UNADVISE-4@80c0");
    advise(provider(), FakeNotify::create([this](const MAPIOFFLINE_NOTIFY&) { provider_.Reset(); }).Get());
    advise(global(), recorder("global").Get());
    ASSERT_EQ(S_OK, set_state(global(), offline));
    EXPECT_EQ(3u, deliver().size());
    EXPECT_EQ(nullptr, provider());
    EXPECT_EQ(1u, references_of(global()));
}

/// The same with the notification thread.
class ObjectTreeOnAThread : public OfflineStateTest {};

TEST_F(ObjectTreeOnAThread, BlockWaitsForTheWholeTree) {
    PROVES("SET-3.1@30f0 NOTIFY-9@7636 NOTIFY-5@d805");
    const offline_state::Host host(profile);
    const ComPtr<IMAPIOfflineMgr> provider = create_provider(profile, host.object());
    const ComPtr<Outer> store = Outer::create(profile, provider.Get());
    const ComPtr<FakeNotify> callback = FakeNotify::create();
    advise(host.object(), FakeNotify::create().Get());
    advise(store->offline().Get(), callback.Get());
    for (const ULONG state : {offline, online, offline, online}) {
        ASSERT_EQ(S_OK, set_state(host.object(), state, MAPIOFFLINE_FLAG_BLOCK));
        EXPECT_EQ(state, state_of(store->offline().Get()));
    }
    EXPECT_EQ(going_offline + going_online + going_offline + going_online, callback->texts());
}

TEST_F(ObjectTreeOnAThread, TheEndOfAChildWaitsForItsNotify) {
    PROVES("UNADVISE-3@83fa UNADVISE-4@80c0");
    offline_state::Host host(profile);
    ComPtr<IMAPIOfflineMgr> provider = create_provider(profile, host.object());
    Event running;
    Event go_on;
    advise(provider.Get(), FakeNotify::create([&](const MAPIOFFLINE_NOTIFY&) {
                               running.set();
                               EXPECT_TRUE(go_on.wait());
                           }).Get());
    ASSERT_EQ(S_OK, host.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    ASSERT_TRUE(running.wait());
    WaitingThread release([&] { provider.Reset(); });
    EXPECT_TRUE(release.falls_asleep());
    go_on.set();
    release.join();
    host.drain();
}

} // namespace
} // namespace offline_state_tests
