// The pages "IMAPIOffline::GetCapabilities" and "IMAPIOffline::GetCurrentState".
#include "../client.h"

namespace conformance {

namespace {

ULONG capabilities_of(IMAPIOfflineMgr* object) {
    ULONG capabilities = poison;
    expect_result("GetCapabilities", S_OK, object->GetCapabilities(&capabilities));
    expect(capabilities != poison, "GetCapabilities does not set the mask");
    return capabilities & both_capabilities;
}

} // namespace

std::vector<Check> state_checks() {
    return {
        {"CAPS-1", "an object that was created with both capabilities says so",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.create_global(subject.profile());
             expect(capabilities_of(object.Get()) == both_capabilities, "of two capabilities not both are told");
         }},
        {"CAPS-2", "one capability may be there without the other",
         [](const Subject& subject) {
             for (const ULONG one : {ULONG{MAPIOFFLINE_CAPABILITY_OFFLINE}, ULONG{MAPIOFFLINE_CAPABILITY_ONLINE}}) {
                 const ComPtr<IMAPIOfflineMgr> object = subject.create_global(
                     subject.profile(one == MAPIOFFLINE_CAPABILITY_OFFLINE ? L" 1" : L" 2").c_str(), one);
                 expect(capabilities_of(object.Get()) == one,
                        "an object that was created with one capability tells of another");
             }
         }},
        {"CAPS-3", "a change that cannot be notified takes place, and is not notified",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object =
                 subject.create_global(subject.profile(), MAPIOFFLINE_CAPABILITY_ONLINE);
             if (state_of(object.Get()) == offline) {
                 change(object.Get(), online);
             }
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             start_change(object.Get(), offline);
             start_change(object.Get(), online); // is accepted when the one before is complete
             client->wait_for_done();
             expect(client->changes() == std::vector<std::string>{states(offline, online)},
                    "an object that can notify online only tells: " + joined(client->changes()));
         }},
        {"GET-1", "the state is online or offline, and the new one after a change",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG to = other(state_of(object.Get()));
             change(object.Get(), to);
             expect(state_of(object.Get()) == to, "after a change the state is the old one");
             change(object.Get(), other(to));
             expect(state_of(object.Get()) == other(to), "after a change back the state is the one before");
         }},
        {"GET-2", "a null out-pointer gives E_INVALIDARG",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             expect_result("GetCapabilities with null", E_INVALIDARG, object->GetCapabilities(nullptr));
             expect_result("GetCurrentState with null", E_INVALIDARG, object->GetCurrentState(nullptr));
         }},
    };
}

} // namespace conformance
