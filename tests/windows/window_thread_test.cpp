// samples/client/window_thread: notifications from any thread, brought to the one with the window. And what hangs
// without it.
#include "client/window_thread.h"

#include "client/step4_advise.h"
#include "support/event.h"
#include "windows/loaded_library.h"
#include "windows/message_loop.h"

#include <mapioffline.h>

#include <windows.h>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace offline_state_samples;
using namespace offline_state_tests;

constexpr ULONG online = MAPIOFFLINE_STATE_ONLINE;
constexpr ULONG offline = MAPIOFFLINE_STATE_OFFLINE;

StateChange done(ULONG state) {
    return {MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE, 0, state == online ? offline : online, state};
}

void on_another_thread(const std::function<void()>& body) {
    std::thread(body).join();
}

class WindowThreadTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(S_OK, window_thread_->begin([this](const CompletedChanges& changes) {
            EXPECT_EQ(thread_id_, GetCurrentThreadId());
            calls_.push_back(changes);
            if (then_) {
                then_();
            }
        }));
        sink_ = window_thread_->sink();
        ASSERT_EQ(0, pump());
    }

    std::unique_ptr<WindowThread> window_thread_ = std::make_unique<WindowThread>();
    OfflineNotify::OnChange sink_;
    std::vector<CompletedChanges> calls_;
    std::function<void()> then_; // what the client does when it is called

private:
    const DWORD thread_id_ = GetCurrentThreadId();
};

TEST_F(WindowThreadTest, CallsOnItsOwnThread) {
    on_another_thread([this] { sink_(done(offline)); });
    ASSERT_TRUE(pump_until([this] { return !calls_.empty(); }));
    EXPECT_EQ(1u, calls_.size());
    EXPECT_EQ(offline, calls_[0].state);
    EXPECT_EQ(1u, calls_[0].count);
    EXPECT_EQ(0, pump());
}

TEST_F(WindowThreadTest, DoesNotCallInsideANotifyOnItsOwnThread) {
    sink_(done(offline));
    EXPECT_TRUE(calls_.empty());
    EXPECT_EQ(1, pump());
    EXPECT_EQ(1u, calls_.size());
}

TEST_F(WindowThreadTest, LeavesOutWhatIsOverWhenItIsRead) {
    sink_({MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_START, 0, online, offline});
    sink_({MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE, 0, online, offline});
    EXPECT_EQ(0, pump());
    EXPECT_TRUE(calls_.empty());
}

TEST_F(WindowThreadTest, PostsOneMessageAndCountsEachChange) {
    constexpr ULONG each = 1000;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this] {
            for (ULONG n = 0; n < each; ++n) {
                sink_(done(n % 2 == 0 ? offline : online));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    sink_(done(offline));
    EXPECT_EQ(1, pump());
    ASSERT_EQ(1u, calls_.size());
    EXPECT_EQ(8 * each + 1, calls_[0].count);
    EXPECT_EQ(offline, calls_[0].state) << "not the last";
}

TEST_F(WindowThreadTest, LosesNoChangeWhileItIsBeingRead) {
    constexpr ULONG each = 1000;
    std::thread thread([this] {
        for (ULONG n = 0; n < each; ++n) {
            sink_(done(offline));
        }
        sink_(done(online));
    });
    ULONG count = 0;
    then_ = [&] { count += calls_.back().count; };
    EXPECT_TRUE(pump_until([&] { return count == each + 1; }));
    thread.join();
    EXPECT_EQ(online, calls_.back().state);
    EXPECT_EQ(0, pump());
}

TEST_F(WindowThreadTest, DoesNotCallInsideItself) {
    then_ = [this] {
        then_ = nullptr;
        sink_(done(online)); // and a dialog, whose loop dispatches messages
        EXPECT_EQ(0, pump());
    };
    sink_(done(offline));
    EXPECT_EQ(2, pump());
    ASSERT_EQ(2u, calls_.size());
    EXPECT_EQ(online, calls_[1].state);
    EXPECT_EQ(1u, calls_[1].count);
}

TEST_F(WindowThreadTest, DeliversNothingAfterTheEnd) {
    sink_(done(offline));
    ASSERT_TRUE(message_is_posted());
    window_thread_->end();
    EXPECT_EQ(0, pump());
    on_another_thread([this] { sink_(done(offline)); });
    EXPECT_EQ(0, pump());
    // Nor after a new beginning: the callbacks of the old one are still out there.
    int calls = 0;
    ASSERT_EQ(S_OK, window_thread_->begin([&](const CompletedChanges&) { ++calls; }));
    on_another_thread([this] { sink_(done(offline)); });
    EXPECT_EQ(0, pump());
    EXPECT_EQ(0, calls);
    window_thread_->sink()(done(offline));
    EXPECT_EQ(1, pump());
    EXPECT_EQ(1, calls);
    EXPECT_TRUE(calls_.empty());
}

TEST_F(WindowThreadTest, SurvivesANotifyThatComesAfterItsEnd) {
    sink_(done(offline));
    window_thread_.reset();
    on_another_thread([this] { sink_(done(online)); });
    EXPECT_EQ(0, pump());
    EXPECT_TRUE(calls_.empty());
}

TEST(WindowThread, ReleasesOnItsOwnThreadWhatTheClientHasGiven) {
    const auto object_model = std::make_shared<int>(); // as a ComPtr of Outlook's would be held
    WindowThread window_thread;
    ASSERT_EQ(S_OK, window_thread.begin([object_model](const CompletedChanges&) {}));
    const OfflineNotify::OnChange sink = window_thread.sink(); // outlives it
    EXPECT_EQ(2, object_model.use_count());
    window_thread.end();
    EXPECT_EQ(1, object_model.use_count());
}

TEST_F(WindowThreadTest, MayEndOrGoWhileItCalls) {
    then_ = [this] {
        sink_(done(online));
        window_thread_->end();
    };
    sink_(done(offline));
    EXPECT_EQ(1, pump());
    EXPECT_EQ(1u, calls_.size());

    ASSERT_EQ(S_OK, window_thread_->begin([this](const CompletedChanges& changes) {
        window_thread_.reset(); // what the function holds stays until it returns
        calls_.push_back(changes);
    }));
    window_thread_->sink()(done(online));
    EXPECT_EQ(1, pump());
    EXPECT_EQ(2u, calls_.size());
    EXPECT_EQ(nullptr, window_thread_);
}

TEST_F(WindowThreadTest, LetsNoExceptionIntoTheMessageLoop) {
    then_ = [] { throw std::runtime_error("no memory"); };
    sink_(done(offline));
    EXPECT_EQ(1, pump());
    sink_(done(online));
    EXPECT_EQ(1, pump());
    EXPECT_EQ(2u, calls_.size());
}

TEST_F(WindowThreadTest, DoesNothingForAMessageOfSomebodyElse) {
    const HWND window = FindWindowExW(HWND_MESSAGE, nullptr, L"OfflineStateSamples.WindowThread", nullptr);
    ASSERT_NE(nullptr, window);
    ASSERT_NE(FALSE, PostMessageW(window, WM_APP, 0, 0));
    EXPECT_EQ(1, pump());
    EXPECT_TRUE(calls_.empty());
}

TEST(WindowThread, LeavesNoWindowClassBehind) {
    const auto is_registered = [] {
        WNDCLASSW found;
        return GetClassInfoW(GetModuleHandleW(nullptr), L"OfflineStateSamples.WindowThread", &found) != FALSE;
    };
    WindowThread one;
    WindowThread other;
    EXPECT_EQ(S_OK, one.begin({}));
    EXPECT_EQ(S_OK, other.begin({}));
    EXPECT_TRUE(is_registered());
    one.end();
    EXPECT_TRUE(is_registered());
    other.end();
    EXPECT_FALSE(is_registered());
}

TEST(WindowThread, DoesNothingBeforeItBegins) {
    WindowThread window_thread;
    window_thread.sink()(done(offline));
    window_thread.end();
    EXPECT_EQ(0, pump());
}

TEST_F(WindowThreadTest, CallsLaterOnceAndNotAfterTheEnd) {
    int first = 0;
    int second = 0;
    ASSERT_EQ(S_OK, window_thread_->call_later(1, [&] { ++first; })); // replaced
    ASSERT_EQ(S_OK, window_thread_->call_later(1, [&] {
        ++second;
        throw std::runtime_error("no memory");
    }));
    EXPECT_TRUE(pump_until([&] { return second == 1; }));
    // From inside itself, and it may end inside itself.
    ASSERT_EQ(S_OK, window_thread_->call_later(1, [&] {
        window_thread_->call_later(1, [&] {
            second += 10;
            window_thread_->end();
        });
    }));
    EXPECT_TRUE(pump_until([&] { return second == 11; }));
    EXPECT_EQ(E_UNEXPECTED, window_thread_->call_later(1, [] {}));

    ASSERT_EQ(S_OK, window_thread_->begin({}));
    const auto held = std::make_shared<int>();
    ASSERT_EQ(S_OK, window_thread_->call_later(1, [&first, held] { ++first; }));
    window_thread_->end();
    EXPECT_EQ(1, held.use_count());
    ASSERT_EQ(S_OK, window_thread_->begin({}));
    ASSERT_EQ(S_OK, window_thread_->call_later(20, [&] { ++second; })); // longer than the one that has been dropped
    EXPECT_TRUE(pump_until([&] { return second == 12; }));
    EXPECT_EQ(0, first);
}

/// A registration on an object of our DLL, whose Notify this thread can meet in Unadvise.
class UnadviseOnTheMainThread : public ::testing::Test {
protected:
    /// Returns when Unadvise has: called on this thread once `in_notify` runs on another, at DONE.
    void unadvise_during(const std::function<void(const StateChange&)>& in_notify) {
        Event runs;
        std::atomic<bool> returned{false};
        const ComPtr<OfflineNotify> callback = OfflineNotify::create([&](const StateChange& change) {
            if (change.phase == MAPIOFFLINE_NOTIFY_TYPE_STATECHANGE_DONE) {
                runs.set();
                in_notify(change);
                returned = true;
            }
        });
        ULONG token = 0;
        ASSERT_EQ(S_OK, advise(object_.Get(), callback.Get(), 0, token));
        ASSERT_EQ(S_OK,
                  object_->SetCurrentState(MAPIOFFLINE_FLAG_DEFAULT, MAPIOFFLINE_STATE_OFFLINE_MASK, offline, nullptr));
        ASSERT_TRUE(runs.wait()); // dispatches no messages, nor does Unadvise
        EXPECT_EQ(S_OK, object_->Unadvise(MAPIOFFLINE_UNADVISE_DEFAULT, token));
        EXPECT_TRUE(returned) << "Unadvise has not waited";
    }

private:
    const LoadedLibrary library_{L"olmapi32.dll"};
    const ComPtr<IMAPIOfflineMgr> object_ = create_object(library_.get(), L"Profile"); // goes before the library
};

// [send]
TEST_F(UnadviseOnTheMainThread, HangsAgainstASendMessageToIt) {
    const HWND window = CreateWindowExW(0, L"STATIC", nullptr, 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr, nullptr, nullptr);
    ASSERT_NE(nullptr, window);
    LRESULT answered = 1;
    DWORD error = 0;
    unadvise_during([&](const StateChange&) {
        // Each waits for the other, so this gives up after whatever time it is given, however
        // fast the machine is. SendMessage gives up never.
        answered = SendMessageTimeoutW(window, WM_NULL, 0, 0, SMTO_NORMAL, 200, nullptr);
        error = GetLastError();
    });
    EXPECT_EQ(0, answered);
    EXPECT_EQ(static_cast<DWORD>(ERROR_TIMEOUT), error);
    DestroyWindow(window);
}
// [/send]

TEST_F(UnadviseOnTheMainThread, ReturnsWhenNotifyPosts) {
    std::vector<CompletedChanges> calls;
    WindowThread window_thread;
    ASSERT_EQ(S_OK, window_thread.begin([&](const CompletedChanges& changes) { calls.push_back(changes); }));
    unadvise_during(window_thread.sink());
    EXPECT_EQ(1, pump());
    ASSERT_EQ(1u, calls.size());
    EXPECT_EQ(offline, calls[0].state);
}

TEST(Apartments, NothingMarshalsTheInterfaces) {
    ASSERT_EQ(S_OK, CoInitialize(nullptr));
    const ComPtr<OfflineNotify> callback = OfflineNotify::create([](const StateChange&) {});
    IStream* stream = nullptr;
    EXPECT_TRUE(FAILED(CoMarshalInterThreadInterfaceInStream(IID_IMAPIOfflineNotify, callback.Get(), &stream)));
    EXPECT_EQ(nullptr, stream);
    CoUninitialize();
}

} // namespace
