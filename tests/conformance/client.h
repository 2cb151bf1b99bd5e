// A client of the library under test: callbacks that record what they are told, and calls in short words.
#pragma once

#include "subject.h"

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace conformance {

/// How long a check waits for what must come; set once, from --limit. What does not come in that time has failed.
std::chrono::milliseconds& cap();

/// How long one waits for what must not come. Only a library that is wrong can end such a wait early, so a machine that
/// is slow can at worst hide a fault.
constexpr std::chrono::milliseconds patience{100};

/// Something that happens once, on any thread.
class Signal {
public:
    void set();
    bool wait(std::chrono::milliseconds longest = cap());

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_set_ = false;
};

/// One line for a notification: "START online->offline".
std::string text(const MAPIOFFLINE_NOTIFY& notification);

/// "online->offline".
std::string states(ULONG from, ULONG to);

/// The three lines of a change.
std::vector<std::string> change_from(ULONG from, ULONG to);

std::string joined(const std::vector<std::string>& lines);

/// What several callbacks were told, in one list.
class Journal {
public:
    void add(const std::string& line);
    /// Waits for so many lines; what it has when the time is over.
    std::vector<std::string> wait_for(std::size_t count);
    std::vector<std::string> lines();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

class Recorder final : public IMAPIOfflineNotify {
public:
    using Action = std::function<void(const MAPIOFFLINE_NOTIFY&)>;

    struct Told {
        MAPIOFFLINE_NOTIFY notification;
        std::thread::id thread;
    };

    /// @param action Done in each Notify, before it is recorded: what has been recorded has been done.
    static ComPtr<Recorder> create(Action action = {});

    /// One that writes what it is told, with its name, into a journal.
    static ComPtr<Recorder> create(const char* name, Journal& journal);

    ULONG references() const { return references_; }
    std::vector<Told> told();
    std::vector<std::string> texts();

    /// The changes that it has been told of, by their DONE: "online->offline".
    std::vector<std::string> changes();

    /// Waits until it has been told of so many changes, to their DONE; a failure when it is not.
    void wait_for_done(std::size_t count = 1);

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override;
    void STDMETHODCALLTYPE Notify(const MAPIOFFLINE_NOTIFY* pNotifyInfo) override;

private:
    explicit Recorder(Action action) : action_(std::move(action)) {}
    ~Recorder() = default;

    std::atomic<ULONG> references_{1};
    const Action action_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Told> told_;
};

/// For the watchdog: the call that may hang just now, or null.
const char* current_call();

MAPIOFFLINE_ADVISEINFO advise_info(IUnknown* callback, ULONG client_token = 0);

/// A result other than S_OK fails the check.
ULONG advise(IMAPIOfflineMgr* object, IUnknown* callback, ULONG client_token = 0);

HRESULT unadvise(IMAPIOfflineMgr* object, ULONG token);
HRESULT set_state(IMAPIOfflineMgr* object, ULONG state, ULONG flags = MAPIOFFLINE_FLAG_DEFAULT);

/// MAPIOFFLINE_STATE_ONLINE or MAPIOFFLINE_STATE_OFFLINE; anything else fails the check.
ULONG state_of(IMAPIOfflineMgr* object);

constexpr ULONG other(ULONG state) {
    return state == online ? offline : online;
}

/// Starts a change; while another one ends, it tries again. A result other than S_OK and E_PENDING fails the check.
void start_change(IMAPIOfflineMgr* object, ULONG state);

/// The same, and waits until it is over, by a registration of its own.
void change(IMAPIOfflineMgr* object, ULONG state);

/// Whether two pointers are to one object.
bool is_same(IUnknown* left, IUnknown* right);

/// Waits until only `count` references are left: Release may come from another thread.
bool wait_for_references(Recorder& recorder, ULONG count);

} // namespace conformance
