// The page "IMAPIOffline::SetCurrentState".
#include "../client.h"

namespace conformance {

namespace {

constexpr ULONG by_default = MAPIOFFLINE_FLAG_DEFAULT;
constexpr ULONG block = MAPIOFFLINE_FLAG_BLOCK;

/// A callback that holds its first notification until it is let go: meanwhile a change is under way.
class Holder {
public:
    Holder()
        : recorder_(Recorder::create([this](const MAPIOFFLINE_NOTIFY&) {
              entered_.set();
              released_.wait();
          })) {}

    IUnknown* callback() const { return recorder_.Get(); }
    void expect_entered() { expect(entered_.wait(), "no notification comes"); }
    void release() { released_.set(); }
    void wait_for_the_end() { recorder_->wait_for_done(); }

private:
    Signal entered_;
    Signal released_;
    const ComPtr<Recorder> recorder_;
};

struct BadCall {
    const char* what;
    ULONG flags;
    ULONG mask;
    ULONG state;
    bool reserved;
};

constexpr BadCall bad_calls[] = {
    {"an unknown flag", 1, MAPIOFFLINE_STATE_OFFLINE_MASK, offline, false},
    {"a mask of 0", by_default, 0, offline, false},
    {"a mask of one bit", by_default, offline, offline, false},
    {"the mask MAPIOFFLINE_STATE_ALL", by_default, MAPIOFFLINE_STATE_ALL, offline, false},
    {"a state of 0", by_default, MAPIOFFLINE_STATE_OFFLINE_MASK, 0, false},
    {"both states", by_default, MAPIOFFLINE_STATE_OFFLINE_MASK, online | offline, false},
    {"a pReserved that is not null", by_default, MAPIOFFLINE_STATE_OFFLINE_MASK, offline, true},
};

} // namespace

std::vector<Check> set_state_checks() {
    return {
        {"SET-1", "both states and both flags are accepted, and the state is what was asked for",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             change(object.Get(), other(state_of(object.Get())));
             change(object.Get(), other(state_of(object.Get())));
             const ULONG before = state_of(object.Get());
             expect_result("SetCurrentState with BLOCK", S_OK, set_state(object.Get(), other(before), block));
             expect_result("SetCurrentState with BLOCK", S_OK, set_state(object.Get(), before, block));
             expect(state_of(object.Get()) == before, "the state is not what was asked for");
         }},
        {"SET-1.1", "anything else gives E_INVALIDARG and changes nothing",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             if (state_of(object.Get()) == offline) {
                 change(object.Get(), online);
             }
             advise(object.Get(), client.Get());
             for (const BadCall& call : bad_calls) {
                 int reserved = 0;
                 expect_result(
                     std::string("SetCurrentState with ") + call.what, E_INVALIDARG,
                     object->SetCurrentState(call.flags, call.mask, call.state, call.reserved ? &reserved : nullptr));
                 expect(state_of(object.Get()) == online,
                        std::string("SetCurrentState with ") + call.what + " changes the state");
             }
             start_change(object.Get(), offline);
             client->wait_for_done();
             expect(client->changes() == std::vector<std::string>{states(online, offline)},
                    "calls that are refused are notified: " + joined(client->changes()));
         }},
        {"SET-2", "with DEFAULT the call does not wait for the change",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             Signal returned;
             std::atomic<bool> waited{false};
             const ComPtr<Recorder> client =
                 Recorder::create([&](const MAPIOFFLINE_NOTIFY&) { waited = waited || !returned.wait(); });
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             returned.set();
             client->wait_for_done();
             expect(!waited, "SetCurrentState with DEFAULT waits for a client's Notify");
         }},
        {"SET-2.1", "the call with DEFAULT that starts a change returns S_OK",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             Holder holder;
             advise(object.Get(), holder.callback());
             expect_result("SetCurrentState with DEFAULT", S_OK,
                           set_state(object.Get(), other(state_of(object.Get()))));
             holder.expect_entered();
             holder.release();
             holder.wait_for_the_end();
         }},
        {"SET-3", "with BLOCK the change is complete when the call returns",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG to = other(state_of(object.Get()));
             Signal returned;
             const ComPtr<Recorder> client = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
                     returned.wait(patience);
                 }
             });
             advise(object.Get(), client.Get());
             expect_result("SetCurrentState with BLOCK", S_OK, set_state(object.Get(), to, block));
             expect(state_of(object.Get()) == to, "SetCurrentState with BLOCK returns, and the state is the old one");
             returned.set();
             client->wait_for_done();
         }},
        {"SET-3.1", "complete means that every registration has had DONE",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             Signal returned;
             const ComPtr<Recorder> first = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
                     returned.wait(patience);
                 }
             });
             const ComPtr<Recorder> second = Recorder::create();
             advise(object.Get(), first.Get());
             advise(object.Get(), second.Get());
             expect_result("SetCurrentState with BLOCK", S_OK,
                           set_state(object.Get(), other(state_of(object.Get())), block));
             const std::size_t done = first->changes().size() + second->changes().size();
             returned.set();
             expect(done == 2, "SetCurrentState with BLOCK returns when of two registrations " + std::to_string(done) +
                                   " have had DONE");
         }},
        {"SET-4", "while a change is under way every call returns E_PENDING",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG before = state_of(object.Get());
             Holder holder;
             advise(object.Get(), holder.callback());
             start_change(object.Get(), other(before));
             holder.expect_entered();
             expect_result("SetCurrentState to the new state in a change", E_PENDING,
                           set_state(object.Get(), other(before)));
             expect_result("SetCurrentState to the old state in a change", E_PENDING, set_state(object.Get(), before));
             holder.release();
             holder.wait_for_the_end();
         }},
        {"SET-4.1", "that holds for both flags, of the call that started the change and of the new one",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             for (const ULONG started_with : {by_default, block}) {
                 const ULONG before = state_of(object.Get());
                 Holder holder;
                 const ULONG token = advise(object.Get(), holder.callback());
                 std::thread starter([&] { set_state(object.Get(), other(before), started_with); });
                 holder.expect_entered();
                 expect_result("SetCurrentState with DEFAULT in a change", E_PENDING, set_state(object.Get(), before));
                 expect_result("SetCurrentState with BLOCK in a change", E_PENDING,
                               set_state(object.Get(), before, block));
                 holder.release();
                 holder.wait_for_the_end();
                 starter.join();
                 unadvise(object.Get(), token);
             }
         }},
        {"SET-4.2", "in a tree: pending for the object, those below and those above, not for those beside it",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             const ComPtr<IMAPIOfflineMgr> beside = subject.create_provider(global.Get(), other_guid);
             const ULONG to = other(state_of(global.Get()));
             Holder holder;
             advise(provider.Get(), holder.callback());
             start_change(provider.Get(), to);
             holder.expect_entered();
             expect_result("SetCurrentState above a change", E_PENDING, set_state(global.Get(), to));
             expect_result("SetCurrentState beside a change", S_OK, set_state(beside.Get(), to));
             holder.release();
             holder.wait_for_the_end();

             Holder above;
             const ULONG token = advise(global.Get(), above.callback());
             start_change(global.Get(), to);
             above.expect_entered();
             expect_result("SetCurrentState below a change", E_PENDING, set_state(provider.Get(), other(to)));
             above.release();
             above.wait_for_the_end();
             unadvise(global.Get(), token);
         }},
        {"SET-5", "setting the state that is there returns S_OK, and nothing is notified",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG before = state_of(object.Get());
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             expect_result("SetCurrentState to the state that is there", S_OK, set_state(object.Get(), before));
             start_change(object.Get(), other(before));
             client->wait_for_done();
             expect(client->changes() == std::vector<std::string>{states(before, other(before))},
                    "setting the state that is there is notified: " + joined(client->changes()));
         }},
        {"SET-6", "a client may ask for the state before from its DONE notification",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG before = state_of(object.Get());
             std::atomic<HRESULT> result{S_OK};
             const ComPtr<Recorder> client = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
                     notification.Info.StateChange.ulStateNew != before) {
                     result = set_state(object.Get(), before);
                 }
             });
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(before));
             client->wait_for_done();
             expect_result("SetCurrentState with DEFAULT at DONE", S_OK, result);
             client->wait_for_done(2);
             expect(state_of(object.Get()) == before, "the state is not the one that was asked for at DONE");
         }},
        {"SET-6.1", "the change that is asked for at DONE starts when every registration has had DONE",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG before = state_of(object.Get());
             Journal journal;
             const ComPtr<Recorder> first = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 journal.add("first " + text(notification));
                 if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE &&
                     notification.Info.StateChange.ulStateNew != before) {
                     set_state(object.Get(), before);
                 }
             });
             advise(object.Get(), first.Get());
             advise(object.Get(), Recorder::create("second", journal).Get());
             start_change(object.Get(), other(before));
             const std::vector<std::string> lines = journal.wait_for(12);
             const std::vector<std::string> there = change_from(before, other(before));
             const std::vector<std::string> back = change_from(other(before), before);
             std::vector<std::string> expected;
             for (const std::vector<std::string>& one : {there, back}) {
                 for (const std::string& phase : one) {
                     expected.push_back("first " + phase);
                     expected.push_back("second " + phase);
                 }
             }
             expect(lines == expected, "two registrations, of which the first asks at DONE, hear: " + joined(lines));
         }},
        {"SET-7.1", "with BLOCK on the notification thread it starts nothing and returns E_PENDING",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG before = state_of(object.Get());
             const ComPtr<Recorder> client = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 if (notification.Info.StateChange.ulStateNew != before) {
                     expect_result("SetCurrentState with BLOCK inside Notify", E_PENDING,
                                   set_state(object.Get(), before, block));
                 }
             });
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(before));
             client->wait_for_done();
             start_change(object.Get(), before);
             client->wait_for_done(2);
             expect(client->changes() ==
                        std::vector<std::string>{states(before, other(before)), states(other(before), before)},
                    "a call that is refused starts a change: " + joined(client->changes()));
         }},
        {"SET-8", "of many threads that ask at once exactly one starts the change",
         [](const Subject& subject) {
             constexpr int count = 8;
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG to = other(state_of(object.Get()));
             Holder holder;
             advise(object.Get(), holder.callback());
             Signal go;
             std::atomic<int> started{0};
             std::atomic<int> pending{0};
             std::vector<std::thread> threads;
             threads.reserve(count);
             for (int i = 0; i < count; ++i) {
                 threads.emplace_back([&] {
                     go.wait();
                     const HRESULT result = set_state(object.Get(), to);
                     started += result == S_OK ? 1 : 0;
                     pending += result == E_PENDING ? 1 : 0;
                 });
             }
             go.set();
             for (std::thread& thread : threads) {
                 thread.join();
             }
             expect(started == 1 && pending == count - 1, "of 8 threads " + std::to_string(started) +
                                                              " start the change and " + std::to_string(pending) +
                                                              " are told that it is pending");
             holder.release();
             holder.wait_for_the_end();
         }},
    };
}

} // namespace conformance
