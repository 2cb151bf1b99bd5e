// The page "HrCreateOfflineObj" again: providers' objects below the global one, and stores' objects below these.
#include "../client.h"

namespace conformance {

namespace {

/// A message store: its own object inside it answers for the offline interfaces, and it for all others.
class Store final : public IUnknown {
public:
    /// Whatever the result, the store is there; result() tells.
    static ComPtr<Store> create(const Subject& subject, IMAPIOfflineMgr* provider) {
        ComPtr<Store> store;
        *store.GetAddressOf() = new Store;
        MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, store.Get(), nullptr};
        MAPIOFFLINE_CREATEINFO info = Subject::global_info(subject.profile());
        info.pGUID = nullptr;
        info.pParent = provider;
        info.pAggregateInfo = &aggregate;
        expect_result("HrCreateOfflineObj for a store's object", S_OK, subject.create(info, store->inner_));
        return store;
    }

    /// The object's own face, which only the store holds.
    IMAPIOfflineMgr* inner() const { return inner_.Get(); }
    ULONG references() const { return references_; }
    ULONG questions() const { return questions_; }

    /// What a client of the store gets when it asks for the offline object.
    ComPtr<IMAPIOfflineMgr> face() {
        ComPtr<IMAPIOfflineMgr> face;
        expect_result("QueryInterface for IMAPIOfflineMgr on a store", S_OK,
                      QueryInterface(IID_IMAPIOfflineMgr, reinterpret_cast<void**>(face.GetAddressOf())));
        return face;
    }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        ++questions_;
        if (riid == IID_IUnknown || riid == other_guid) { // stands for an interface of the store's
            *ppvObject = static_cast<IUnknown*>(this);
            AddRef();
            return S_OK;
        }
        return inner_->QueryInterface(riid, ppvObject);
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
    }

private:
    std::atomic<ULONG> references_{1};
    std::atomic<ULONG> questions_{0};
    ComPtr<IMAPIOfflineMgr> inner_;
};

/// The global object of the profile, a provider's below it, and a store with one below that.
struct Tree {
    explicit Tree(const Subject& subject)
        : global(subject.create_global(subject.profile())), provider(subject.create_provider(global.Get())),
          store(Store::create(subject, provider.Get())) {}

    ComPtr<IMAPIOfflineMgr> global;
    ComPtr<IMAPIOfflineMgr> provider;
    ComPtr<Store> store;
};

} // namespace

std::vector<Check> tree_checks() {
    return {
        {"TYPE-7", "pOuterObj is the object that is asked for what the inner one has not",
         [](const Subject& subject) {
             const Tree tree(subject);
             const ComPtr<IMAPIOfflineMgr> face = tree.store->face();
             const ULONG before = tree.store->questions();
             ComPtr<IUnknown> answer;
             face->QueryInterface(other_guid, reinterpret_cast<void**>(answer.GetAddressOf()));
             expect(tree.store->questions() != before, "pOuterObj is not asked");
         }},
        {"CREATE-3", "a provider's object inherits its parent's changes",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             expect(!is_same(global.Get(), provider.Get()), "a provider's object is the global one");
             const ComPtr<Recorder> client = Recorder::create();
             advise(provider.Get(), client.Get());
             const ULONG to = other(state_of(global.Get()));
             start_change(global.Get(), to);
             client->wait_for_done();
             expect(state_of(provider.Get()) == to, "a provider's object does not follow its parent");
         }},
        {"CREATE-4", "QueryInterface passes through between a store and the object inside it",
         [](const Subject& subject) {
             const Tree tree(subject);
             const ComPtr<IMAPIOfflineMgr> face = tree.store->face();
             state_of(face.Get());
             expect(is_same(face.Get(), tree.store.Get()), "the object inside a store has an identity of its own");
             ComPtr<IUnknown> own;
             expect_result("QueryInterface on the face for an interface of the store", S_OK,
                           face->QueryInterface(other_guid, reinterpret_cast<void**>(own.GetAddressOf())));
             expect(is_same(own.Get(), tree.store.Get()), "the store's interface is another object's");
         }},
        {"CREATE-4.1", "the face that a store hands out counts references on the store, the own one does not",
         [](const Subject& subject) {
             const Tree tree(subject);
             const ComPtr<IMAPIOfflineMgr> face = tree.store->face();
             expect(face.Get() != tree.store->inner(), "there are not two faces");
             const ULONG before = tree.store->references();
             face->AddRef();
             expect(tree.store->references() == before + 1, "AddRef on the face is not the store's");
             face->Release();
             expect(tree.store->references() == before, "Release on the face is not the store's");
             tree.store->inner()->AddRef();
             expect(tree.store->references() == before, "AddRef on the object's own face is the store's");
             tree.store->inner()->Release();
             ComPtr<IUnknown> identity;
             expect_result(
                 "QueryInterface for IUnknown on the object's own face", S_OK,
                 tree.store->inner()->QueryInterface(IID_IUnknown, reinterpret_cast<void**>(identity.GetAddressOf())));
             expect(identity.Get() != tree.store.Get(), "the object's own face has no IUnknown of its own");
         }},
        {"CREATE-6.1", "a child starts in the state of its parent",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             const ULONG to = other(state_of(global.Get()));
             change(global.Get(), to);
             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             expect(state_of(provider.Get()) == to, "a provider's object does not start in its parent's state");
             change(provider.Get(), other(to));
             const ComPtr<Store> store = Store::create(subject, provider.Get());
             expect(state_of(store->face().Get()) == other(to),
                    "a store's object does not start in its parent's state");
         }},
        {"CREATE-11", "a child keeps its parent alive, a parent not its children, a store's object not its store",
         [](const Subject& subject) {
             ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             ComPtr<Store> store = Store::create(subject, provider.Get());
             expect(store->references() == 1, "the object inside a store holds a reference on it");
             store.Reset();

             const ComPtr<Recorder> client = Recorder::create();
             advise(provider.Get(), client.Get());
             provider.Reset();
             expect(wait_for_references(*client.Get(), 1), "a parent keeps its child alive");

             provider = subject.create_provider(global.Get());
             global.Reset();
             expect(subject.exists(subject.profile()), "a child does not keep its parent alive");
             provider.Reset();
             expect(!subject.exists(subject.profile()), "an object that nobody holds is found");
         }},
    };
}

} // namespace conformance
