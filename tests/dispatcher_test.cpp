// The queue without COM: what no call of the API shows.
#include "dispatcher.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace offline_state_tests {
namespace {

using offline_state::Dispatcher;

/// Posts a change whose phases are calls of this.
template <class Deliver>
void post(Dispatcher& dispatcher, Deliver deliver) {
    struct Called final : Dispatcher::Change {
        explicit Called(Deliver called) : call(std::move(called)) {}
        bool deliver_phase() override { return call(); }
        Deliver call;
    };
    dispatcher.post(std::make_shared<Called>(std::move(deliver)));
}

TEST(Dispatcher, AChangePostedDuringADeliveryComesAfterIt) {
    std::vector<int> delivered;
    Dispatcher dispatcher(Dispatcher::Delivery::manual);
    post(dispatcher, [&] {
        delivered.push_back(1);
        post(dispatcher, [&] {
            delivered.push_back(2);
            return false;
        });
        delivered.push_back(1);
        return false;
    });
    EXPECT_TRUE(dispatcher.deliver_phase());
    EXPECT_EQ((std::vector<int>{1, 1}), delivered);
    EXPECT_TRUE(dispatcher.deliver_phase());
    EXPECT_EQ((std::vector<int>{1, 1, 2}), delivered);
    EXPECT_FALSE(dispatcher.deliver_phase());
}

TEST(Dispatcher, DestroysWhatAChangeHoldsOutsideItsLock) {
    Dispatcher dispatcher(Dispatcher::Delivery::manual);
    int posted_again = 0;
    struct PostsWhenDestroyed {
        Dispatcher& dispatcher;
        int& posted_again;
        ~PostsWhenDestroyed() {
            post(dispatcher, [] { return false; }); // deadlocks if the lock is held
            ++posted_again;
        }
    };
    post(dispatcher,
         [held = std::make_shared<PostsWhenDestroyed>(PostsWhenDestroyed{dispatcher, posted_again})] { return false; });
    posted_again = 0;
    EXPECT_TRUE(dispatcher.deliver_phase());
    EXPECT_EQ(1, posted_again);
}

} // namespace
} // namespace offline_state_tests
