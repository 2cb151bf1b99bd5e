// The page "HrCreateOfflineObj": the arguments, and the global object of a profile. Other objects are in tree.cpp.
#include "../client.h"

namespace conformance {

namespace {

MAPIOFFLINE_CONNECTINFO* some_connect_info() {
    return reinterpret_cast<MAPIOFFLINE_CONNECTINFO*>(poisoned_pointer());
}

/// Expects a refusal, and null in the place of the object.
void expect_refused(const Subject& subject, const std::string& what, MAPIOFFLINE_CREATEINFO info, ULONG flags = 0) {
    IMAPIOfflineMgr* object = poisoned_pointer();
    expect_result("HrCreateOfflineObj with " + what, E_INVALIDARG, subject.create_function()(flags, &info, &object));
    expect(object == nullptr, "HrCreateOfflineObj with " + what + " does not set the pointer to null");
}

} // namespace

std::vector<Check> create_checks() {
    return {
        {"CREATE-1", "the documented values are accepted",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.create_global(subject.profile());
             state_of(object.Get());
         }},
        {"CREATE-1.1", "other flags, sizes and reserved members give E_INVALIDARG and a null pointer",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             const MAPIOFFLINE_CREATEINFO good = Subject::global_info(subject.profile());
             expect_refused(subject, "flags", good, 1);
             MAPIOFFLINE_CREATEINFO bad = good;
             bad.ulCreateFlags = 1;
             expect_refused(subject, "ulCreateFlags", bad);
             bad = good;
             --bad.ulSize;
             expect_refused(subject, "an ulSize that is too small", bad);
             bad = good;
             ++bad.ulSize;
             expect_refused(subject, "an ulSize that is too large", bad);
             bad = good;
             bad.pConnectInfo = some_connect_info();
             expect_refused(subject, "a pConnectInfo", bad);

             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             const ComPtr<Recorder> outer = Recorder::create(); // any object: it is refused before it counts
             MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
             bad = good;
             bad.pGUID = nullptr;
             bad.pParent = provider.Get();
             bad.pAggregateInfo = &aggregate;
             --aggregate.ulSize;
             expect_refused(subject, "an ulSize of MAPIOFFLINE_AGGREGATEINFO that is too small", bad);
             aggregate = {sizeof aggregate, outer.Get(), outer.Get()};
             expect_refused(subject, "a pRefTrackRoot", bad);
         }},
        {"CREATE-2", "it creates the global object, or gives the one that exists",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> first = subject.create_global(subject.profile());
             const ComPtr<IMAPIOfflineMgr> second = subject.create_global(subject.profile());
             expect(is_same(first.Get(), second.Get()), "two calls give two global objects");
             ComPtr<IMAPIOfflineMgr> opened;
             expect_result("HrOpenOfflineObj for an object that was created", S_OK,
                           subject.open(subject.profile(), opened));
             expect(is_same(first.Get(), opened.Get()), "HrOpenOfflineObj gives another object than was created");
         }},
        {"CREATE-5", "an object lives while anyone holds it, and no longer",
         [](const Subject& subject) {
             const std::wstring profile = subject.profile(L" 2");
             ComPtr<IMAPIOfflineMgr> created = subject.create_global(profile.c_str());
             ComPtr<IMAPIOfflineMgr> opened;
             expect_result("HrOpenOfflineObj", S_OK, subject.open(profile.c_str(), opened));
             created.Reset();
             expect(subject.exists(profile.c_str()), "an object that a client holds is not found");
             opened.Reset();
             expect(!subject.exists(profile.c_str()), "an object that nobody holds is found");
         }},
        {"CREATE-6", "a new object is online",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.create_global(subject.profile());
             expect(state_of(object.Get()) == online, "a new object is offline");
         }},
        {"CREATE-7", "null pointers and names that cannot be give E_INVALIDARG",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             IMAPIOfflineMgr* object = poisoned_pointer();
             expect_result("HrCreateOfflineObj with a null pCreateInfo", E_INVALIDARG,
                           subject.create_function()(0, nullptr, &object));
             MAPIOFFLINE_CREATEINFO good = Subject::global_info(subject.profile());
             expect_result("HrCreateOfflineObj with a null ppOffline", E_INVALIDARG,
                           subject.create_function()(0, &good, nullptr));
             expect_refused(subject, "a null profile name", Subject::global_info(nullptr));
             expect_refused(subject, "an empty profile name", Subject::global_info(L""));
             expect_refused(subject, "a profile name of 65 characters",
                            Subject::global_info(std::wstring(65, L'x').c_str()));
         }},
        {"CREATE-8", "creating what exists gives that object, with the capabilities that it has",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global =
                 subject.create_global(subject.profile(), MAPIOFFLINE_CAPABILITY_ONLINE);
             const ComPtr<IMAPIOfflineMgr> again = subject.create_global(subject.profile());
             expect(is_same(global.Get(), again.Get()), "two calls give two global objects");
             ULONG capabilities = 0;
             expect_result("GetCapabilities", S_OK, again->GetCapabilities(&capabilities));
             expect((capabilities & both_capabilities) == MAPIOFFLINE_CAPABILITY_ONLINE,
                    "creating an object again changes its capabilities");
             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             expect(is_same(provider.Get(), subject.create_provider(global.Get()).Get()),
                    "two calls give two objects of one provider and instance");
         }},
        {"CREATE-9", "members that are neither a global, a provider's nor a store's object give E_INVALIDARG",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             const ComPtr<IMAPIOfflineMgr> foreign = subject.create_global(subject.profile(L" 2").c_str());
             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             const ComPtr<Recorder> outer = Recorder::create(); // any object: it is refused before it counts
             MAPIOFFLINE_AGGREGATEINFO aggregate{sizeof aggregate, outer.Get(), nullptr};
             const MAPIOFFLINE_CREATEINFO for_global = Subject::global_info(subject.profile());
             const MAPIOFFLINE_CREATEINFO for_provider = subject.provider_info(global.Get());

             MAPIOFFLINE_CREATEINFO bad = for_global;
             bad.pParent = global.Get();
             expect_refused(subject, "a parent for the global object", bad);
             bad = for_global;
             bad.pInstance = &instance_guid;
             expect_refused(subject, "an instance for the global object", bad);
             bad = for_provider;
             bad.pParent = nullptr;
             expect_refused(subject, "no parent for a provider's object", bad);
             bad.pParent = provider.Get();
             expect_refused(subject, "a provider's object as the parent of another", bad);
             bad.pParent = foreign.Get();
             expect_refused(subject, "the parent of another profile", bad);
             bad = for_provider;
             bad.pInstance = nullptr;
             expect_refused(subject, "no instance for a provider's object", bad);
             bad = for_global;
             bad.pGUID = nullptr;
             bad.pParent = provider.Get();
             expect_refused(subject, "no outer object for a store's object", bad);
             bad.pAggregateInfo = &aggregate;
             bad.pParent = global.Get();
             expect_refused(subject, "the global object as a store's parent", bad);
         }},
    };
}

} // namespace conformance
