// The pages "HrCreateOfflineObj" and "MAPIOFFLINE_AGGREGATEINFO": providers' objects below the global one, and stores'
// objects below these.
#include "specification.h"

namespace offline_state_specification {
namespace {

using ObjectTree = Specification;

PROMISE(ObjectTree, AChildInheritsTheChangesOfItsParent, "CREATE-3@f52f") {
    const Object global = new_object();
    const Object provider = new_provider(global);
    EXPECT_FALSE(is_same(global.Get(), provider.Get())) << "a provider's object is the global one";
    const Client client(provider);
    const ULONG to = client->await_change(global);
    EXPECT_EQ(to, state_of(provider));
}

PROMISE(ObjectTree, QueryInterfacePassesThroughBetweenAStoreAndItsObject, "CREATE-4@18a1") {
    const ComPtr<Store> store = Store::below(new_provider(new_object()));
    const Object face = store->face();
    state_of(face);
    EXPECT_TRUE(is_same(face.Get(), store.Get())) << "the object inside a store has an identity of its own";
    ComPtr<IUnknown> own;
    ASSERT_RESULT(S_OK, face->QueryInterface(other_guid, reinterpret_cast<void**>(own.GetAddressOf())));
    EXPECT_TRUE(is_same(own.Get(), store.Get())) << "the store's interface is another object's";
    ComPtr<IMAPIOffline> base;
    ASSERT_RESULT(S_OK, own->QueryInterface(IID_IMAPIOffline, reinterpret_cast<void**>(base.GetAddressOf())));
    EXPECT_TRUE(is_same(base.Get(), store.Get())) << "the store's interface gives another object's IMAPIOffline";
}

PROMISE(ObjectTree, OnlyTheSecondFaceCountsReferencesOnTheStore, "CREATE-4.1@b60c") {
    ComPtr<Store> store = Store::below(new_provider(new_object()));
    const Object face = store->face();
    EXPECT_NE(face.Get(), store->inner().Get()) << "there are not two faces";
    EXPECT_EQ(2u, store->references()) << "the face holds no reference on the store";
    face->AddRef();
    EXPECT_EQ(3u, store->references()) << "AddRef on the face is not the store's";
    face->Release();
    EXPECT_EQ(2u, store->references()) << "Release on the face is not the store's";
    ComPtr<IUnknown> own;
    ASSERT_RESULT(S_OK, store->inner()->QueryInterface(IID_IUnknown, reinterpret_cast<void**>(own.GetAddressOf())));
    EXPECT_EQ(2u, store->references()) << "AddRef on the object's own face is the store's";
    EXPECT_NE(own.Get(), store.Get()) << "the object's own face has no IUnknown of its own";
    own.Reset();
    store.Reset();
    state_of(face); // it keeps the store alive
}

PROMISE(ObjectTree, BothFacesDoTheSame, "CREATE-4.1@b60c") {
    const ComPtr<Store> store = Store::below(new_provider(new_object()));
    const Object face = store->face();
    Client client(face);
    const ULONG to = client->await_change(face);
    EXPECT_EQ(to, state_of(store->inner()));
    EXPECT_EQ(both_capabilities, capabilities_of(face));
    EXPECT_RESULT(S_OK, unadvise(store->inner(), client.token()));
    change(face, other(to));
    EXPECT_EQ(1u, client->changes().size()) << "the faces have registrations of their own";
    for (const auto placeholder : placeholders) {
        EXPECT_RESULT(E_NOTIMPL, (face.Get()->*placeholder)());
    }
}

PROMISE(ObjectTree, AChildStartsInTheStateOfItsParent, "CREATE-6.1@f607") {
    const Object global = new_object();
    const ULONG to = other(state_of(global));
    change(global, to);
    const Object provider = new_provider(global);
    EXPECT_EQ(to, state_of(provider));
    change(provider, other(to));
    const ComPtr<Store> store = Store::below(provider);
    EXPECT_EQ(other(to), state_of(store->face()));
}

PROMISE(ObjectTree, AChildThatIsBornInAChangeFollowsIt, "CREATE-6.1@f607") {
    const Object global = new_object();
    Holder holder(global);
    const ULONG to = holder.hold_change(global);
    const Object provider = new_provider(global);
    EXPECT_EQ(other(to), state_of(provider));
    holder.release();
    EXPECT_EQ(to, state_of(provider));
}

PROMISE(ObjectTree, AChildKeepsItsParentAndAParentNotItsChildren, "CREATE-11@0e02") {
    Object global = new_object();
    Object provider = new_provider(global);
    const ComPtr<Recorder> client = Recorder::create();
    advise(provider, client.Get());
    provider.Reset();
    EXPECT_TRUE(client->wait_for_references(1)) << "a parent keeps its child alive";

    ComPtr<Store> store = Store::below(new_provider(global));
    EXPECT_EQ(1u, store->references()) << "the object inside a store holds a reference on it";
    global.Reset();
    EXPECT_TRUE(exists(profile())) << "a store's object does not keep its parent alive, or that one not its own";
    store.Reset();
    EXPECT_FALSE(exists(profile())) << "an object that nobody holds is found";
}

} // namespace
} // namespace offline_state_specification
