// Tests a client without Outlook: the host kit plays Outlook's part.
#include "my_client.h"

#include <mapioffline_host.h>

#include <gtest/gtest.h>

TEST(MyClient, NoticesThatTheUserGoesOffline) {
    offline_state::Host outlook(L"Outlook");
    MyClient client;
    ASSERT_EQ(S_OK, client.begin(HrOpenOfflineObj, L"Outlook"));
    EXPECT_TRUE(client.is_online());

    ASSERT_EQ(S_OK, outlook.work_offline(true)); // returns when everybody has been notified
    EXPECT_FALSE(client.is_online());
}

TEST(MyClient, CannotGoOnlineWhileAChangeIsUnderWay) {
    offline_state::ManualDispatcher dispatcher; // before the host, whose changes it delivers
    offline_state::Host outlook(L"Outlook");
    MyClient client;
    ASSERT_EQ(S_OK, client.begin(HrOpenOfflineObj, L"Outlook"));

    ASSERT_EQ(S_OK, outlook.work_offline(true, MAPIOFFLINE_FLAG_DEFAULT));
    ASSERT_TRUE(dispatcher.deliver_phase()); // START
    EXPECT_EQ(E_PENDING, client.go_online());
    dispatcher.deliver_all(); // STATECHANGE and DONE
    EXPECT_FALSE(client.is_online());

    EXPECT_EQ(S_OK, client.go_online());
    dispatcher.deliver_all();
    EXPECT_TRUE(client.is_online());
}
