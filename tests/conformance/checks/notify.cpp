// The pages "IMAPIOfflineNotify::Notify" and "MAPIOFFLINE_NOTIFY": which notifications come, in which order, on which
// thread.
#include "../client.h"

#include <algorithm>

namespace conformance {

namespace {

std::vector<std::string> operator+(std::vector<std::string> left, const std::vector<std::string>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// Each phase of a change, told to each of these names in turn.
std::vector<std::string> phase_by_phase(const std::vector<std::string>& phases, const std::vector<std::string>& names) {
    std::vector<std::string> lines;
    for (const std::string& phase : phases) {
        for (const std::string& name : names) {
            lines.push_back(name);
            lines.back().append(" ").append(phase);
        }
    }
    return lines;
}

} // namespace

std::vector<Check> notify_checks() {
    return {
        {"NOTIFY-1", "a change gives START, STATECHANGE and DONE",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             client->wait_for_done();
             bool came[4] = {};
             for (const Recorder::Told& each : client->told()) {
                 const int type = each.notification.NotifyType;
                 came[type >= 1 && type <= 3 ? type : 0] = true;
             }
             expect(came[1] && came[2] && came[3], "of the three came: " + joined(client->texts()));
         }},
        {"NOTIFY-1.1", "in this order, each with mask, old and new state, size and the client's token",
         [](const Subject& subject) {
             constexpr ULONG client_token = 0xC0FFEE;
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG from = state_of(object.Get());
             const ComPtr<Recorder> client = Recorder::create();
             advise(object.Get(), client.Get(), client_token);
             start_change(object.Get(), other(from));
             client->wait_for_done();
             expect(client->texts() == change_from(from, other(from)),
                    "a change is told as: " + joined(client->texts()));
             for (const Recorder::Told& each : client->told()) {
                 expect(each.notification.Info.StateChange.ulMask == MAPIOFFLINE_STATE_OFFLINE_MASK,
                        "ulMask is not MAPIOFFLINE_STATE_OFFLINE_MASK");
                 expect(each.notification.ulSize == sizeof(MAPIOFFLINE_NOTIFY), "ulSize is not the structure's");
                 expect(each.notification.ulClientToken == client_token, "ulClientToken is not the client's");
             }
         }},
        {"NOTIFY-2", "each phase to every registration, in their order, before the next phase",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG from = state_of(object.Get());
             Journal journal;
             for (const char* const name : {"first", "second", "third"}) {
                 advise(object.Get(), Recorder::create(name, journal).Get());
             }
             start_change(object.Get(), other(from));
             const std::vector<std::string> lines = journal.wait_for(9);
             expect(lines == phase_by_phase(change_from(from, other(from)), {"first", "second", "third"}),
                    "three registrations hear: " + joined(lines));
         }},
        {"NOTIFY-3", "GetCurrentState gives the old state during START, the new one from STATECHANGE on",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG from = state_of(object.Get());
             const ComPtr<Recorder> client = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 const bool start = notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
                 expect((state_of(object.Get()) == from) == start,
                        "GetCurrentState gives the wrong state at " + text(notification));
             });
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(from));
             client->wait_for_done();
         }},
        {"NOTIFY-4", "who registers in the middle of a change hears of the next one first",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ULONG from = state_of(object.Get());
             const ComPtr<Recorder> late[] = {Recorder::create(), Recorder::create(), Recorder::create()};
             std::atomic<std::size_t> next{0};
             const ComPtr<Recorder> client = Recorder::create([&](const MAPIOFFLINE_NOTIFY&) {
                 const std::size_t index = next++;
                 if (index < std::size(late)) {
                     advise(object.Get(), late[index].Get());
                 }
             });
             advise(object.Get(), client.Get());
             start_change(object.Get(), other(from));
             client->wait_for_done();
             start_change(object.Get(), from);
             for (const ComPtr<Recorder>& each : late) {
                 each->wait_for_done();
                 expect(each->texts() == change_from(other(from), from),
                        "who registers in the middle of a change hears: " + joined(each->texts()));
             }
         }},
        {"NOTIFY-4.1", "the old state of a change is the new state of the one before",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> client = Recorder::create();
             const ULONG from = state_of(object.Get());
             advise(object.Get(), client.Get());
             std::vector<std::string> expected;
             ULONG state = from;
             for (std::size_t i = 1; i <= 4; ++i) {
                 start_change(object.Get(), other(state));
                 client->wait_for_done(i);
                 expected.push_back(states(state, other(state)));
                 state = other(state);
             }
             expect(client->changes() == expected, "four changes are told as: " + joined(client->changes()));
         }},
        {"NOTIFY-5", "never two at once, all on one thread, not on the one that called SetCurrentState",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             std::atomic<int> inside{0};
             Signal overlap;
             const auto look = [&](const MAPIOFFLINE_NOTIFY& notification) {
                 if (++inside > 1) {
                     overlap.set();
                 }
                 const bool first_phase = notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START;
                 const bool two = overlap.wait(first_phase ? patience : std::chrono::milliseconds(0));
                 --inside;
                 expect(!two, "two notifications come at once");
             };
             const ComPtr<Recorder> first = Recorder::create(look);
             const ComPtr<Recorder> second = Recorder::create(look);
             advise(object.Get(), first.Get());
             advise(object.Get(), second.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             first->wait_for_done();
             second->wait_for_done();
             const std::thread::id thread = first->told().front().thread;
             expect(thread != std::this_thread::get_id(), "a notification comes on the thread of SetCurrentState");
             for (const ComPtr<Recorder>& each : {first, second}) {
                 for (const Recorder::Told& told : each->told()) {
                     expect(told.thread == thread, "notifications of one change come on several threads");
                 }
             }
         }},
        {"NOTIFY-6", "inside Notify a client may call anything, and release its last reference",
         [](const Subject& subject) {
             ComPtr<IMAPIOfflineMgr> object = subject.create_global(subject.profile());
             const ULONG from = state_of(object.Get());
             const ComPtr<Recorder> another = Recorder::create();
             const ULONG another_token = advise(object.Get(), another.Get());
             ULONG token = 0;
             Signal started; // a caller keeps its reference until its call has returned
             const ComPtr<Recorder> client = Recorder::create([&](const MAPIOFFLINE_NOTIFY& notification) {
                 if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START) {
                     unadvise(object.Get(), advise(object.Get(), another.Get()));
                     unadvise(object.Get(), another_token);
                     state_of(object.Get());
                     set_state(object.Get(), from);
                     expect(subject.exists(subject.profile()), "inside Notify the object is not found");
                 } else if (notification.NotifyType == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
                     started.wait();
                     unadvise(object.Get(), token);
                     object.Reset();
                 }
             });
             token = advise(object.Get(), client.Get());
             start_change(object.Get(), other(from));
             started.set();
             client->wait_for_done();
             expect(wait_for_references(*client.Get(), 1), "the object's end leaves a reference on the callback");
         }},
        {"NOTIFY-7", "a C++ exception that leaves a client's Notify harms no other registration",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> object = subject.object();
             const ComPtr<Recorder> bad = Recorder::create([](const MAPIOFFLINE_NOTIFY&) { throw 1; });
             const ComPtr<Recorder> good = Recorder::create();
             advise(object.Get(), bad.Get());
             advise(object.Get(), good.Get());
             start_change(object.Get(), other(state_of(object.Get())));
             good->wait_for_done();
         }},
        {"NOTIFY-9", "a parent's change goes down the tree, a child's own stays below it",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             const ComPtr<IMAPIOfflineMgr> provider = subject.create_provider(global.Get());
             const ULONG from = state_of(global.Get());
             Journal journal;
             advise(provider.Get(), Recorder::create("provider", journal).Get());
             advise(global.Get(), Recorder::create("global", journal).Get());
             change(global.Get(), other(from));
             std::vector<std::string> expected = phase_by_phase(change_from(from, other(from)), {"provider", "global"});
             std::vector<std::string> lines = journal.wait_for(expected.size());
             expect(lines == expected, "of a parent's change, provider and global object hear: " + joined(lines));

             change(provider.Get(), from);
             change(global.Get(), from); // what the global object hears now is of this one
             expected = expected + phase_by_phase(change_from(other(from), from), {"provider"}) +
                        phase_by_phase(change_from(other(from), from), {"global"});
             lines = journal.wait_for(expected.size());
             expect(lines == expected, "of both one's changes, provider and global object hear: " + joined(lines));
         }},
        {"NOTIFY-9.1", "a descendant hears nothing of a change that it has made already or cannot notify",
         [](const Subject& subject) {
             const ComPtr<IMAPIOfflineMgr> global = subject.create_global(subject.profile());
             if (state_of(global.Get()) == offline) {
                 change(global.Get(), online);
             }
             const ComPtr<IMAPIOfflineMgr> ahead = subject.create_provider(global.Get());
             const ComPtr<IMAPIOfflineMgr> mute =
                 subject.create_provider(global.Get(), other_guid, MAPIOFFLINE_CAPABILITY_ONLINE);
             change(ahead.Get(), offline);
             Journal journal;
             advise(ahead.Get(), Recorder::create("ahead", journal).Get());
             advise(mute.Get(), Recorder::create("mute", journal).Get());
             change(global.Get(), offline);
             expect(journal.lines().empty(), "of their parent's change they hear: " + joined(journal.lines()));
         }},
    };
}

} // namespace conformance
