// The queue without COM: what no call of the API shows.
#include "dispatcher.h"

#include "support/offline_state_test.h"

namespace offline_state_tests {
namespace {

using offline_state::Dispatcher;

TEST(Dispatcher, DestroysWhatAChangeHoldsOutsideItsLock) {
    Dispatcher dispatcher(std::this_thread::get_id());
    int posted_again = 0;
    auto end = at_the_end([&] {
        dispatcher.post([] { return false; }); // deadlocks if the lock is held
        ++posted_again;
    });
    dispatcher.post([held = std::move(end)] { return false; });
    EXPECT_TRUE(dispatcher.deliver_phase());
    EXPECT_EQ(1, posted_again);
}

} // namespace
} // namespace offline_state_tests
