// Starting a thread fails: the call reports it and changes nothing.
#include "support/fail_thread.h"
#include "support/offline_state_test.h"

#include <chrono>
#include <system_error>

namespace offline_state_tests {
namespace {

class NoThread : public OfflineStateTest {
protected:
    offline_state::Host host_{profile};
    IMAPIOfflineMgr* const object_ = host_.object();
};

TEST_F(NoThread, SetCurrentStateStartsNothing) {
    PROVES("SET-9@57c3");
    const Client callback(object_);
    int failures = 0;
    for (const ULONG flags : {by_default, block}) {
        {
            const FailThread fail;
            EXPECT_EQ(E_OUTOFMEMORY, set_state(object_, offline, flags));
            failures += FailThread::failures();
        }
        EXPECT_EQ(online, state_of(object_));
    }
    EXPECT_EQ(2, failures);
    FAULTS("thread", failures);
    EXPECT_EQ(S_OK, host_.work_offline(true)); // it is not E_PENDING, and now there is a thread
    EXPECT_EQ(going_offline, callback->texts());
}

TEST_F(NoThread, TheHostKitSaysSo) {
    PROVES("HOST-3@b547 TRACE-4@f5dd");
    int failures = 0;
    {
        const FailThread fail;
        EXPECT_EQ(E_OUTOFMEMORY, host_.send_other_notification(MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0));
        EXPECT_THROW(host_.drain(), std::system_error);
        EXPECT_THROW(offline_state::NotifyTimeLimit(std::chrono::hours(1)), std::system_error);
        failures = FailThread::failures();
    }
    EXPECT_EQ(3, failures);
    FAULTS("thread", failures);
    host_.drain();
    const offline_state::NotifyTimeLimit limit(std::chrono::hours(1)); // the one before is not in the way
}

TEST_F(NoThread, WhatNeedsNoneWorks) {
    const FailThread fail;
    ComPtr<IMAPIOfflineMgr> opened;
    EXPECT_EQ(S_OK, open(profile, opened));
    const ComPtr<Recorder> callback = Recorder::create();
    const ULONG token = advise(object_, callback.Get());
    EXPECT_EQ(online, state_of(object_));
    EXPECT_EQ(S_OK, unadvise(object_, token));
    EXPECT_EQ(0, FailThread::failures());
}

} // namespace
} // namespace offline_state_tests
