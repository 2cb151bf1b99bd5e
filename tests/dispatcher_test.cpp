// The queue and the thread, without COM: our own promises.
#include "dispatcher.h"

#include "support/event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace offline_state_tests {
namespace {

using offline_state::Dispatcher;

TEST(Dispatcher, DeliversChangesInOrderAndEachToItsEnd) {
    std::vector<std::string> delivered;
    Dispatcher dispatcher(Dispatcher::Delivery::manual);
    for (const char name : {'a', 'b'}) {
        dispatcher.post([&delivered, name, phase = 0]() mutable {
            delivered.push_back(name + std::to_string(++phase));
            return phase < 3;
        });
    }
    while (dispatcher.deliver_phase()) {
    }
    EXPECT_EQ((std::vector<std::string>{"a1", "a2", "a3", "b1", "b2", "b3"}), delivered);
}

TEST(Dispatcher, AChangePostedDuringADeliveryComesAfterIt) {
    std::vector<int> delivered;
    Dispatcher dispatcher(Dispatcher::Delivery::manual);
    dispatcher.post([&] {
        delivered.push_back(1);
        dispatcher.post([&] {
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

TEST(Dispatcher, KnowsItsOwnDelivery) {
    Dispatcher dispatcher(Dispatcher::Delivery::own_thread);
    Dispatcher other(Dispatcher::Delivery::manual);
    Event done;
    EXPECT_FALSE(dispatcher.is_delivering_here());
    dispatcher.post([&] {
        EXPECT_TRUE(dispatcher.is_delivering_here());
        EXPECT_FALSE(other.is_delivering_here());
        EXPECT_FALSE(dispatcher.deliver_phase());
        done.set();
        return false;
    });
    ASSERT_TRUE(done.wait());
    EXPECT_FALSE(dispatcher.is_delivering_here());
}

TEST(Dispatcher, DeliversWhatIsLeftBeforeItEnds) {
    for (const auto delivery : {Dispatcher::Delivery::own_thread, Dispatcher::Delivery::manual}) {
        std::atomic<int> phases{0};
        {
            Dispatcher dispatcher(delivery);
            for (int i = 0; i < 100; ++i) {
                dispatcher.post([&phases, left = 3]() mutable {
                    ++phases;
                    return --left > 0;
                });
            }
        }
        EXPECT_EQ(300, phases);
    }
}

TEST(Dispatcher, TakesChangesFromManyThreads) {
    constexpr int posters = 4;
    constexpr int each = 500;
    int delivered = 0; // by one thread only: ThreadSanitizer would tell
    {
        Dispatcher dispatcher(Dispatcher::Delivery::own_thread);
        std::vector<std::thread> threads;
        for (int i = 0; i < posters; ++i) {
            threads.emplace_back([&] {
                for (int j = 0; j < each; ++j) {
                    dispatcher.post([&] {
                        ++delivered;
                        return false;
                    });
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(2000, delivered);
}

TEST(Dispatcher, DestroysWhatAChangeHoldsOutsideItsLock) {
    Dispatcher dispatcher(Dispatcher::Delivery::manual);
    int posted_again = 0;
    struct PostsWhenDestroyed {
        Dispatcher& dispatcher;
        int& posted_again;
        ~PostsWhenDestroyed() {
            dispatcher.post([] { return false; }); // deadlocks if the lock is held
            ++posted_again;
        }
    };
    dispatcher.post(
        [held = std::make_shared<PostsWhenDestroyed>(PostsWhenDestroyed{dispatcher, posted_again})] { return false; });
    posted_again = 0;
    EXPECT_TRUE(dispatcher.deliver_phase());
    EXPECT_EQ(1, posted_again);
}

} // namespace
} // namespace offline_state_tests
