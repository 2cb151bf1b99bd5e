// The calls of Notify that are running, where the host kit's NotifyTimeLimit can see them.
#pragma once

#include <mapioffline.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace offline_state {

/// Stands in the list below while the call runs that it is made around.
class RunningNotify {
public:
    RunningNotify(ULONG token_of_it, const MAPIOFFLINE_NOTIFY& sent) noexcept;
    ~RunningNotify();

    RunningNotify(const RunningNotify&) = delete;
    RunningNotify& operator=(const RunningNotify&) = delete;

    const ULONG token; // the registration's
    const MAPIOFFLINE_NOTIFY notification;
    const std::chrono::steady_clock::time_point since;

    // Guarded by the list's mutex:
    bool is_reported = false;
    RunningNotify* next = nullptr;
};

struct RunningNotifies {
    std::mutex mutex;
    std::condition_variable changed;
    RunningNotify* newest = nullptr;
};

/// The process's. The first call allocates, so it is whoever sets a limit that makes it.
RunningNotifies& running_notifies();

/// Else nobody looks, and none is put into the list. Asked for each phase: it must not allocate.
inline std::atomic<bool> are_notifies_timed{false};

} // namespace offline_state
