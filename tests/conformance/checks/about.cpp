// The page "About the Offline State API": what the whole is for.
#include "../client.h"

namespace conformance {

std::vector<Check> about_checks() {
    return {
        {"ABOUT-1", "a change of the state calls a client back",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             client->wait_for_done();
         }},
        {"ABOUT-2", "each profile has an object and a state of its own",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.create_global(subject.profile());
             const ComPtr<IMAPIOfflineMgr> second = subject.create_global(subject.profile(L" 2").c_str());
             expect(!is_same(object.Get(), second.Get()), "two profiles share an object");
             const ULONG state = state_of(second.Get());
             change(object.Get(), other(state_of(object.Get())));
             expect(state_of(second.Get()) == state, "a change of one profile's state changes another's");
         }},
        {"ABOUT-4", "a client's five steps, one after the other",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> host = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             ComPtr<IMAPIOfflineMgr> object;
             expect_result("HrOpenOfflineObj", S_OK, subject.open(subject.profile(), object));
             ULONG capabilities = 0;
             expect_result("GetCapabilities", S_OK, object->GetCapabilities(&capabilities));
             expect((capabilities & both_capabilities) != 0, "the object can notify nothing");
             const ULONG token = advise(object.Get(), client.Get());
             change(host.Get(), other(state_of(host.Get())));
             client->wait_for_done();
             expect_result("Unadvise", S_OK, unadvise(object.Get(), token));
         }},
    };
}

} // namespace conformance
