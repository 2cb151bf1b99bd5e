// The page "IMAPIOfflineMgr::Advise".
#include "specification.h"

#include <set>

namespace offline_state_specification {
namespace {

using IMAPIOfflineMgrAdvise = Specification;

struct BadInfo {
    const char* with;
    void (*spoil)(MAPIOFFLINE_ADVISEINFO&);
};

// clang-format off
constexpr BadInfo bad_infos[] = {
    {"with an ulSize of 0",              [](MAPIOFFLINE_ADVISEINFO& info) { info.ulSize = 0; }},
    {"with an ulSize that is too small", [](MAPIOFFLINE_ADVISEINFO& info) { --info.ulSize; }},
    {"with an ulSize that is too large", [](MAPIOFFLINE_ADVISEINFO& info) { ++info.ulSize; }},
    {"with another CallbackType",        [](MAPIOFFLINE_ADVISEINFO& info) {
                                             info.CallbackType = static_cast<MAPIOFFLINE_CALLBACK_TYPE>(1);
                                         }},
    {"with a null pCallback",            [](MAPIOFFLINE_ADVISEINFO& info) { info.pCallback = nullptr; }},
    {"with an ulAdviseTypes of 0",       [](MAPIOFFLINE_ADVISEINFO& info) { info.ulAdviseTypes = 0; }},
    {"with another ulAdviseTypes",       [](MAPIOFFLINE_ADVISEINFO& info) { info.ulAdviseTypes = 3; }},
    {"with an ulStateMask of 0",         [](MAPIOFFLINE_ADVISEINFO& info) { info.ulStateMask = 0; }},
    {"with another ulStateMask",         [](MAPIOFFLINE_ADVISEINFO& info) { info.ulStateMask = online; }},
    {"with all of ulStateMask",          [](MAPIOFFLINE_ADVISEINFO& info) { info.ulStateMask = 0xFFFFFFFF; }},
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

HRESULT advise_with(const Object& object, MAPIOFFLINE_ADVISEINFO info, ULONG& token) {
    token = poison;
    return object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token);
}

PROMISE(IMAPIOfflineMgrAdvise, TheTokenNamesTheRegistration, "ADVISE-1@a838") {
    const Object object = any_object();
    Client first(object);
    const Client second(object);
    first.unadvise();
    const auto hears_nothing_of_a_change = [&] {
        const std::size_t received = first->texts().size();
        change(object, other(state_of(object)));
        return received == first->texts().size();
    };
    EXPECT_TRUE(until(hears_nothing_of_a_change)) << "the registration whose token was unadvised still hears";
    second->wait_for_done();
}

PROMISE_THAT(reads, IMAPIOfflineMgrAdvise, ATokenIsNeverZeroAndNeverUsedAgain, "ADVISE-1.1@7ace") {
    const Object object = any_object();
    const ComPtr<Recorder> callback = Recorder::create();
    std::set<ULONG> tokens;
    std::vector<ULONG> left;
    for (int i = 0; i < 10'000; ++i) { // more often than the reference uses one place
        const ULONG token = advise(object, callback.Get());
        ASSERT_NE(0u, token);
        ASSERT_TRUE(tokens.insert(token).second) << "Advise gives a token for the second time";
        if (i % 1000 == 0) {
            left.push_back(token);
        } else {
            unadvise(object, token);
        }
    }
    for (const ULONG token : left) {
        unadvise(object, token);
    }
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineMgrAdvise, ATokenIsZeroAfterAFailure, "ADVISE-1.1@7ace") {
    const Object object = any_object();
    ULONG token = poison;
    advise_with(object, advise_info(nullptr), token);
    EXPECT_EQ(0u, token);
    token = poison;
    object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, nullptr, &token);
    EXPECT_EQ(0u, token);
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineMgrAdvise, RefusesNullPointers, "ADVISE-2@08ca") {
    const Object object = any_object();
    ULONG token = poison;
    EXPECT_RESULT(E_INVALIDARG, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, nullptr, &token));
    EXPECT_RESULT(E_INVALIDARG, advise_with(object, advise_info(nullptr), token));
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineMgrAdvise, RefusesEachValueThatIsNotSupported, "ADVISE-2.1@90f2") {
    const Object object = any_object();
    const ComPtr<Recorder> callback = Recorder::create();
    ULONG token = poison;
    for (const BadInfo& bad : bad_infos) {
        MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
        bad.spoil(info);
        EXPECT_RESULT(E_INVALIDARG, advise_with(object, info, token)) << bad.with;
    }
    MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get());
    for (const ULONG flags : {ULONG{1}, ULONG{0xFFFFFFFF}}) {
        EXPECT_RESULT(E_INVALIDARG, object->Advise(flags, &info, &token));
    }
    EXPECT_RESULT(E_INVALIDARG, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, nullptr));
    EXPECT_RESULT(E_INVALIDARG, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, nullptr, nullptr));
    EXPECT_EQ(1u, callback->references()) << "Advise fails and keeps a reference on the callback";
    change(object, other(state_of(object)));
    EXPECT_EQ(Lines{}, callback->texts()) << "Advise fails and registers the callback";
}

PROMISE_THAT(reads, IMAPIOfflineMgrAdvise, RefusesACallbackWithoutTheInterface, "ADVISE-3@2a96") {
    const Object object = any_object();
    Mute mute(E_NOINTERFACE);
    ULONG token = poison;
    EXPECT_RESULT(E_NOINTERFACE, advise_with(object, advise_info(&mute), token));
}

PROMISE_THAT(breaks_the_contract, IMAPIOfflineMgrAdvise, AsksTheCallbackWithQueryInterface, "ADVISE-3.1@1287") {
    const Object object = any_object();
    for (const HRESULT answer : {E_FAIL, S_OK}) { // S_OK with a null pointer, which is a lie
        Mute mute(answer);
        ULONG token = poison;
        EXPECT_RESULT(E_NOINTERFACE, advise_with(object, advise_info(&mute), token));
        EXPECT_TRUE(mute.was_asked()) << "the callback is not asked for IMAPIOfflineNotify";
    }
}

PROMISE(IMAPIOfflineMgrAdvise, HoldsOneReferenceForEachRegistration, "ADVISE-4@3bb2") {
    const Object object = any_object();
    const ComPtr<Recorder> callback = Recorder::create();
    const ULONG first = advise(object, callback.Get());
    EXPECT_EQ(2u, callback->references());
    const ULONG second = advise(object, callback.Get());
    EXPECT_EQ(3u, callback->references());
    unadvise(object, first);
    change(object, other(state_of(object)));
    callback->wait_for_done();
    EXPECT_EQ(2u, callback->references());
    unadvise(object, second);
    EXPECT_EQ(1u, callback->references());
}

PROMISE(IMAPIOfflineMgrAdvise, OneCallbackMayHaveSeveralRegistrations, "ADVISE-5@9816") {
    const Object object = any_object();
    const ComPtr<Recorder> callback = Recorder::create();
    const ULONG first = advise(object, callback.Get(), 7);
    const ULONG second = advise(object, callback.Get(), 8);
    EXPECT_NE(first, second);
    start_change(object);
    callback->wait_for_done(2);
    std::multiset<ULONG> tokens;
    for (const Recorder::Received& each : callback->received()) {
        tokens.insert(each.notification.ulClientToken);
    }
    EXPECT_EQ((std::multiset<ULONG>{7, 7, 7, 8, 8, 8}), tokens);
    unadvise(object, first);
    callback->await_change(object);
    EXPECT_EQ(8u, callback->received().back().notification.ulClientToken);
    unadvise(object, second);
}

PROMISE(IMAPIOfflineMgrAdvise, AdviseDoesNotKeepTheStructure, "TYPE-3@db98") {
    const Object object = any_object();
    const ComPtr<Recorder> callback = Recorder::create();
    ULONG token = poison;
    {
        MAPIOFFLINE_ADVISEINFO info = advise_info(callback.Get(), 7);
        ASSERT_RESULT(S_OK, object->Advise(MAPIOFFLINE_ADVISE_DEFAULT, &info, &token));
        info = {};
    }
    callback->await_change(object);
    EXPECT_EQ(7u, callback->received().front().notification.ulClientToken);
    unadvise(object, token);
}

} // namespace
} // namespace offline_state_specification
