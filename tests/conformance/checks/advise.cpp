// The page "IMAPIOfflineMgr::Advise".
#include "../client.h"

#include <set>

namespace conformance {

namespace {

struct BadInfo {
    const char* what;
    void (*spoil)(MAPIOFFLINE_ADVISEINFO&);
};

// clang-format off
constexpr BadInfo bad_infos[] = {
    {"an ulSize that is too small", [](MAPIOFFLINE_ADVISEINFO& info) { --info.ulSize; }},
    {"an ulSize that is too large", [](MAPIOFFLINE_ADVISEINFO& info) { ++info.ulSize; }},
    {"another CallbackType",        [](MAPIOFFLINE_ADVISEINFO& info) {
                                        info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(1);
                                    }},
    {"a null pCallback",            [](MAPIOFFLINE_ADVISEINFO& info) { info.pCallback = nullptr; }},
    {"an ulAdviseTypes of 0",       [](MAPIOFFLINE_ADVISEINFO& info) { info.ulAdviseTypes = 0; }},
    {"another ulAdviseTypes",       [](MAPIOFFLINE_ADVISEINFO& info) { info.ulAdviseTypes = 3; }},
    {"an ulStateMask of 0",         [](MAPIOFFLINE_ADVISEINFO& info) { info.ulStateMask = 0; }},
    {"another ulStateMask",         [](MAPIOFFLINE_ADVISEINFO& info) { info.ulStateMask = online; }},
};
// clang-format on

/// Has no interface but IUnknown, and remembers what it was asked for.
class Mute final : public IUnknown {
public:
    explicit Mute(HRESULT answer) : answer_(answer) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        was_asked_ = was_asked_ || riid == IID_IMAPIOfflineNotify;
        *ppvObject = riid == IID_IUnknown ? this : nullptr;
        return riid == IID_IUnknown ? S_OK : answer_;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return 2; } // it is on the stack
    ULONG STDMETHODCALLTYPE Release() override { return 1; }

    bool was_asked() const { return was_asked_; }

private:
    const HRESULT answer_;
    bool was_asked_ = false;
};

HRESULT advise_with(IMAPIOfflineMgr* object, MAPIOFFLINE_ADVISEINFO info, ULONG& token) {
    token = poison;
    return object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token);
}

} // namespace

std::vector<Check> advise_checks() {
    return {
        {"ADVISE-1", "the token names the registration: Unadvise with it ends this one and no other",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> first = Recorder::create();
             const ComPtr<Recorder> second = Recorder::create();
             const ULONG token = advise(object.Get(), first.Get());
             advise(object.Get(), second.Get());
             unadvise(object.Get(), token);
             start_change(object.Get(), other(state_of(object.Get())));
             second->wait_for_done();
             expect(first->told().empty(), "the registration whose token was unadvised still hears");
         }},
        {"ADVISE-1.1", "a token is never 0 and never used again; on failure it is set to 0",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             std::set<ULONG> tokens;
             for (int i = 0; i < 50; ++i) {
                 const ULONG token = advise(object.Get(), client.Get());
                 expect(token != 0, "Advise gives the token 0");
                 expect(tokens.insert(token).second, "Advise gives a token for the second time");
                 if (i % 2 == 0) {
                     unadvise(object.Get(), token);
                 }
             }
             ULONG token = 0;
             advise_with(object.Get(), advise_info(nullptr), token);
             expect(token == 0, "Advise fails and does not set the token to 0");
         }},
        {"ADVISE-2", "null pointers give E_INVALIDARG",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             ULONG token = poison;
             expect_result("Advise with a null pAdviseInfo", E_INVALIDARG,
                           object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, nullptr, &token));
             expect_result("Advise with a null pCallback", E_INVALIDARG,
                           advise_with(object.Get(), advise_info(nullptr), token));
         }},
        {"ADVISE-2.1", "every value that is not a supported one gives E_INVALIDARG",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             ULONG token = poison;
             for (const BadInfo& bad : bad_infos) {
                 MAPIOFFLINE_ADVISEINFO info = advise_info(client.Get());
                 bad.spoil(info);
                 expect_result(std::string("Advise with ") + bad.what, E_INVALIDARG,
                               advise_with(object.Get(), info, token));
             }
             MAPIOFFLINE_ADVISEINFO info = advise_info(client.Get());
             expect_result("Advise with flags", E_INVALIDARG, object->Advise(1, &info, &token));
             expect_result("Advise with a null pulAdviseToken", E_INVALIDARG,
                           object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, nullptr));
             expect(client->references() == 1, "Advise fails and keeps a reference on the callback");
         }},
        {"ADVISE-3", "a callback without the interface gives E_NOINTERFACE",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             Mute mute(E_NOINTERFACE);
             ULONG token = poison;
             expect_result("Advise with a callback that is no IMAPIOfflineNotify", E_NOINTERFACE,
                           advise_with(object.Get(), advise_info(&mute), token));
         }},
        {"ADVISE-3.1", "the callback is asked with QueryInterface; whatever its refusal, the result is E_NOINTERFACE",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             Mute mute(E_FAIL);
             ULONG token = poison;
             expect_result("Advise with a callback that answers E_FAIL", E_NOINTERFACE,
                           advise_with(object.Get(), advise_info(&mute), token));
             expect(mute.was_asked(), "the callback is not asked for IMAPIOfflineNotify");
         }},
        {"ADVISE-4", "the object holds one reference on the callback for each registration",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             const ULONG first = advise(object.Get(), client.Get());
             expect(client->references() == 2, "after Advise the callback has not one reference more");
             const ULONG second = advise(object.Get(), client.Get());
             expect(client->references() == 3, "after a second Advise the callback has not two references more");
             unadvise(object.Get(), first);
             change(object.Get(), other(state_of(object.Get())));
             client->wait_for_done();
             expect(client->references() == 2, "one registration is left, and the callback has not one reference more");
             unadvise(object.Get(), second);
             expect(client->references() == 1, "no registration is left, and there is a reference on the callback");
         }},
        {"ADVISE-5", "each registration of one callback has its own token and its own notifications",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             const ULONG first = advise(object.Get(), client.Get(), 7);
             expect(advise(object.Get(), client.Get(), 8) != first, "two registrations have one token");
             start_change(object.Get(), other(state_of(object.Get())));
             client->wait_for_done(2);
             std::multiset<ULONG> tokens;
             for (const Recorder::Told& each : client->told()) {
                 if (each.notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
                     tokens.insert(each.notification.ulClientToken);
                 }
             }
             expect(tokens == std::multiset<ULONG>{7, 8},
                    "a callback that is registered twice does not hear of each change for both");
         }},
    };
}

} // namespace conformance
