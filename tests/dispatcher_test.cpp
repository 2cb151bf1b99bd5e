// The queue without COM: what no call of the API shows.
#include "dispatcher.h"

#include "support/offline_state_test.h"

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

TEST(Dispatcher, DestroysWhatAChangeHoldsOutsideItsLock) {
    Dispatcher dispatcher(Dispatcher::Delivery::manual);
    int posted_again = 0;
    auto end = at_the_end([&] {
        post(dispatcher, [] { return false; }); // deadlocks if the lock is held
        ++posted_again;
    });
    post(dispatcher, [held = std::move(end)] { return false; });
    EXPECT_TRUE(dispatcher.deliver_phase());
    EXPECT_EQ(1, posted_again);
}

} // namespace
} // namespace offline_state_tests
