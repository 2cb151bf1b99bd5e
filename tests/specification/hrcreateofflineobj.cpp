// The page "HrCreateOfflineObj": the arguments, and the global object of a profile. Other objects are in object_tree.
#include "specification.h"

namespace offline_state_specification {
namespace {

using HrCreateOfflineObjPage = Specification;

/// A change that makes a good call a bad one.
struct Bad {
    const char* with;
    std::function<void(MAPIOFFLINE_CREATEINFO&)> spoil;
};

/// Expects a refusal, and null in the place of the object.
void expect_refused(const MAPIOFFLINE_CREATEINFO& good, const std::vector<Bad>& all, ULONG flags = 0) {
    for (const Bad& bad : all) {
        MAPIOFFLINE_CREATEINFO info = good;
        bad.spoil(info);
        IMAPIOfflineMgr* object = poisoned_pointer();
        EXPECT_RESULT(E_INVALIDARG, library().create(flags, &info, &object)) << bad.with;
        EXPECT_EQ(nullptr, object) << bad.with;
    }
}

PROMISE(HrCreateOfflineObjPage, AcceptsTheDocumentedValues, "CREATE-1@9530") {
    state_of(new_object());
}

PROMISE(HrCreateOfflineObjPage, RefusesEachBreachOfTheContract, "CREATE-1.1@de65") {
    const Object global = new_object();
    expect_refused(global_info(), {{"with flags", [](auto&) {}}}, 1);
    auto* const some_connect_info = reinterpret_cast<MAPIOFFLINE_CONNECTINFO*>(poisoned_pointer());
    expect_refused(global_info(),
                   {{"with ulCreateFlags", [](auto& info) { info.ulCreateFlags = 1; }},
                    {"with an ulSize of 0", [](auto& info) { info.ulSize = 0; }},
                    {"with an ulSize that is too small", [](auto& info) { --info.ulSize; }},
                    {"with an ulSize that is too large", [](auto& info) { ++info.ulSize; }},
                    {"with a pConnectInfo", [&](auto& info) { info.pConnectInfo = some_connect_info; }}});

    const Object provider = new_provider(global);
    const ComPtr<Recorder> outer = Recorder::create(); // any object: it is refused before it counts
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate - 1, outer.Get(), nullptr};
    expect_refused(store_info(provider, aggregate),
                   {{"with an ulSize of MAPIOFFLINE_AGGREGATEINFO that is too small", [](auto&) {}}});
    aggregate = {sizeof aggregate, outer.Get(), outer.Get()};
    expect_refused(store_info(provider, aggregate), {{"with a pRefTrackRoot", [](auto&) {}}});
    EXPECT_EQ(1u, outer->references()) << "a call that is refused keeps a reference on the outer object";
}

PROMISE(HrCreateOfflineObjPage, CreatesTheGlobalObjectOrGivesTheOneThatExists, "CREATE-2@e26f") {
    const Object first = new_object();
    const Object second = new_object();
    EXPECT_TRUE(is_same(first.Get(), second.Get())) << "two calls give two global objects";
    Object opened;
    ASSERT_RESULT(S_OK, open_patiently(profile(), opened));
    const ULONG to = other(state_of(opened));
    change(first, to);
    EXPECT_EQ(to, state_of(opened)) << "HrOpenOfflineObj gives another object than was created";
}

PROMISE(HrCreateOfflineObjPage, TakesAnyCapabilitiesAndAnySupportObject, "CREATE-2@e26f") {
    const ComPtr<Recorder> support = Recorder::create();
    for (const ULONG capabilities : {ULONG{0}, ULONG{0xFFFFFFFF}}) {
        MAPIOFFLINE_CREATEINFO info = global_info(profile(), capabilities);
        info.pMAPISupport = support.Get();
        Object object = new_object(profile(L" 2").c_str());
        EXPECT_RESULT(S_OK, create(info, object));
    }
}

PROMISE(HrCreateOfflineObjPage, AnObjectLivesWhileAnyoneHoldsItAndNoLonger, "CREATE-5@a7c2") {
    const std::wstring second = profile(L" 2");
    Object created = new_object(second.c_str());
    Object opened;
    ASSERT_RESULT(S_OK, open(second.c_str(), opened));
    created.Reset();
    EXPECT_TRUE(exists(second.c_str())) << "an object that a client holds is not found";
    opened.Reset();
    EXPECT_FALSE(exists(second.c_str())) << "an object that nobody holds is found";
}

PROMISE(HrCreateOfflineObjPage, ANewObjectIsOnline, "CREATE-6@b449") {
    Object object = new_object();
    EXPECT_EQ(online, state_of(object));
    change(object, offline);
    object.Reset();
    EXPECT_EQ(online, state_of(new_object())) << "after one that went offline";
}

PROMISE(HrCreateOfflineObjPage, RefusesNullPointersAndNamesThatCannotBe, "CREATE-7@eaa3") {
    const Object global = new_object();
    IMAPIOfflineMgr* object = poisoned_pointer();
    EXPECT_RESULT(E_INVALIDARG, library().create(0, nullptr, &object));
    EXPECT_EQ(nullptr, object);
    EXPECT_RESULT(E_INVALIDARG, library().create(0, nullptr, nullptr));
    MAPIOFFLINE_CREATEINFO good = global_info();
    EXPECT_RESULT(E_INVALIDARG, library().create(0, &good, nullptr));
    const std::wstring names[] = {std::wstring(65, L'x'), std::wstring(10'000, L'x')};
    expect_refused(good,
                   {{"with a null profile name", [](auto& info) { info.pwszProfileName = nullptr; }},
                    {"with an empty profile name", [](auto& info) { info.pwszProfileName = L""; }},
                    {"with a name of 65 characters", [&](auto& info) { info.pwszProfileName = names[0].c_str(); }},
                    {"with a name of 10000 characters", [&](auto& info) { info.pwszProfileName = names[1].c_str(); }}});
}

PROMISE(HrCreateOfflineObjPage, GivesWhatExistsWithTheCapabilitiesThatItHas, "CREATE-8@a021") {
    const Object global = new_object(profile(), MAPIOFFLINE_CAPABILITY_ONLINE);
    const Object again = new_object();
    EXPECT_TRUE(is_same(global.Get(), again.Get())) << "two calls give two global objects";
    EXPECT_EQ(ULONG{MAPIOFFLINE_CAPABILITY_ONLINE}, capabilities_of(again));
    const Object provider = new_provider(global);
    EXPECT_TRUE(is_same(provider.Get(), new_provider(global).Get())) << "two calls give two objects of one provider";
}

PROMISE(HrCreateOfflineObjPage, ObjectsAreTheSameWhenProfileAndGUIDAndInstanceAre, "CREATE-8@a021") {
    const Object named = new_object(profile(L" a").c_str());
    EXPECT_TRUE(is_same(named.Get(), new_object(profile(L" A").c_str()).Get())) << "with a name in another case";
    const Object global = new_object();
    const Object provider = new_provider(global);
    EXPECT_FALSE(is_same(provider.Get(), new_provider(global, other_guid).Get())) << "with another instance";
    Object another;
    MAPIOFFLINE_CREATEINFO info = provider_info(global);
    info.pGUID = &other_guid;
    ASSERT_RESULT(S_OK, create(info, another));
    EXPECT_FALSE(is_same(provider.Get(), another.Get())) << "with another GUID";
    const std::wstring second = profile(L" 2");
    const Object foreign = new_object(second.c_str());
    info = provider_info(foreign);
    info.pwszProfileName = second.c_str();
    ASSERT_RESULT(S_OK, create(info, another));
    EXPECT_FALSE(is_same(provider.Get(), another.Get())) << "of another profile";
    const ComPtr<Store> store = Store::below(provider);
    const ComPtr<Store> next = Store::below(provider);
    EXPECT_NE(store->inner().Get(), next->inner().Get()) << "two stores share an object";
}

PROMISE(HrCreateOfflineObjPage, RefusesMembersThatAreNoObjectTogether, "CREATE-9@75d2") {
    const Object global = new_object();
    const ComPtr<Recorder> outer = Recorder::create(); // any object: it is refused before it counts
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
    const auto aggregated = [&](auto& info) { info.pAggregateInfo = &aggregate; };
    expect_refused(global_info(),
                   {{"with a parent for the global object", [&](auto& info) { info.pParent = global.Get(); }},
                    {"with an instance for the global object", [](auto& info) { info.pInstance = &instance_guid; }},
                    {"with an outer object for the global object", aggregated}});
    expect_refused(provider_info(global),
                   {{"with no parent for a provider's object", [](auto& info) { info.pParent = nullptr; }},
                    {"with no instance for a provider's object", [](auto& info) { info.pInstance = nullptr; }},
                    {"with no GUID for a provider's object", [](auto& info) { info.pGUID = nullptr; }},
                    {"with an outer object for a provider's object", aggregated}});
    const Object provider = new_provider(global);
    expect_refused(store_info(provider, aggregate),
                   {{"with no outer object for a store's", [](auto& info) { info.pAggregateInfo = nullptr; }},
                    {"with an instance for a store's object", [](auto& info) { info.pInstance = &instance_guid; }},
                    {"with no parent for a store's object", [](auto& info) { info.pParent = nullptr; }}});
}

PROMISE(HrCreateOfflineObjPage, RefusesParentsThatAreNone, "CREATE-9@75d2") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    const ComPtr<Store> store = Store::below(provider);
    const Object face = store->face();
    const Object foreign = new_object(profile(L" 2").c_str());
    MAPIOFFLINE_CREATEINFO info = provider_info(foreign, other_guid);
    info.pwszProfileName = profile(); // its parent is another profile's
    expect_refused(
        info, {{"with the parent of another profile", [](auto&) {}},
               {"with a provider's object as the parent of another", [&](auto& bad) { bad.pParent = provider.Get(); }},
               {"with a store's object as a provider's parent", [&](auto& bad) { bad.pParent = store->inner().Get(); }},
               {"with a store's face as a provider's parent", [&](auto& bad) { bad.pParent = face.Get(); }}});
    const ComPtr<Recorder> outer = Recorder::create();
    MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
    expect_refused(
        store_info(provider, aggregate),
        {{"with the global object as a store's parent", [&](auto& bad) { bad.pParent = global.Get(); }},
         {"with a store's object as a store's parent", [&](auto& bad) { bad.pParent = store->inner().Get(); }},
         {"with a store's face as a store's parent", [&](auto& bad) { bad.pParent = face.Get(); }},
         {"with a provider's object of another profile as a store's parent",
          [](auto& bad) { bad.pwszProfileName = L"Aaa"; }},
         {"with a provider's object of yet another profile", [](auto& bad) { bad.pwszProfileName = L"Zzz"; }}});
}

} // namespace
} // namespace offline_state_specification
