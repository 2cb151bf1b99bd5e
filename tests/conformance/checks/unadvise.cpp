// The page "IMAPIOfflineMgr::Unadvise".
#include "../client.h"

namespace conformance {

std::vector<Check> unadvise_checks() {
    return {
        {"UNADVISE-1", "it returns S_OK",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             expect_result("Unadvise", S_OK, unadvise(object.Get(), advise(object.Get(), client.Get())));
         }},
        {"UNADVISE-1.1", "it returns S_OK for an unknown, a used-up and a zero token, and for any flags",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             expect_result("Unadvise with the token 0", S_OK, unadvise(object.Get(), 0));
             expect_result("Unadvise with an unknown token", S_OK, unadvise(object.Get(), poison));
             const ULONG token = advise(object.Get(), client.Get());
             expect_result("Unadvise with flags", S_OK, object->Unadvise(1, token));
             expect_result("Unadvise with a used-up token", S_OK, unadvise(object.Get(), token));
         }},
        {"UNADVISE-2", "it releases the reference on the callback",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             unadvise(object.Get(), advise(object.Get(), client.Get()));
             expect(client->references() == 1, "after Unadvise there is a reference on the callback");
         }},
        {"UNADVISE-3", "when it has returned Notify does not run, and it does not wait for itself",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             Signal entered;
             Signal unadvised;
             std::atomic<bool> returned_early{false};
             const ComPtr<Recorder> slow = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
                 entered.set();
                 returned_early = unadvised.wait(patience);
             });
             ULONG own_token = 0;
             const ComPtr<Recorder> leaving = Recorder::create(
                 [&](const MAPIOFFLINE_NOTIFY&) { unadvise(object.Get(), own_token); }); // from inside: returns at once
             const ComPtr<Recorder> staying = Recorder::create();
             const ULONG token = advise(object.Get(), slow.Get());
             own_token = advise(object.Get(), leaving.Get());
             advise(object.Get(), staying.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             expect(entered.wait(), "no notification comes");
             unadvise(object.Get(), token);
             const std::size_t told = slow->told().size();
             unadvised.set();
             expect(told == 1 && !returned_early, "Unadvise returns while the registration's Notify runs");
             staying->wait_for_done();
             expect(slow->told().size() == 1, "Notify runs again after Unadvise");
             expect(leaving->told().size() == 1, "Notify runs again after Unadvise from inside it");
         }},
        {"UNADVISE-4", "a registration that is left is released with the object, and nothing is called afterwards",
         [](const Subject& subject) {
             ComPtr<IMAPIOfflineMgr> object = subject.create_global(subject.profile());
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             object.Reset();
             expect(wait_for_references(*client.Get(), 1), "the object's end leaves a reference on the callback");
             object = subject.create_global(subject.profile());
             change(object.Get(), other(state_of(object.Get())));
             expect(client->told().empty(), "a registration of an object that is gone is notified");
         }},
    };
}

} // namespace conformance
