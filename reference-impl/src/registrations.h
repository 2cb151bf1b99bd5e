// The registrations of one object: who is told, in which order, and what Unadvise waits for.
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace offline_state {

class Registrations {
public:
    /// @param last_token The token before the first one that is given; for tests of the end of the range.
    explicit Registrations(ULONG last_token = 0) : last_token_(last_token) {}

    Registrations(const Registrations&) = delete;
    Registrations& operator=(const Registrations&) = delete;

    /// Adds a registration, which takes over the reference on the callback. Gives its token, or 0 when all
    /// tokens are used up. Throws std::bad_alloc, and has then done nothing.
    ULONG add(Microsoft::WRL::ComPtr<IMAPIOfflineNotify> callback, ULONG client_token);

    /// Ends a registration and releases its callback. When it returns, the callback is not running and will not
    /// run again, unless it is itself the caller. An unknown token does nothing, but waits all the same.
    void remove(ULONG token);

    /// Ends all registrations, each as remove does.
    void remove_all();

    /// The newest token so far. Tokens grow, so it tells the registrations there are now from later ones.
    ULONG newest() const;

    /// Sends one notification to each registration up to and including `newest`, in the order of registration.
    /// Not called by two threads at once.
    void notify(MAPIOFFLINE_NOTIFY notification, ULONG newest);

private:
    struct Registration {
        Microsoft::WRL::ComPtr<IMAPIOfflineNotify> callback;
        ULONG client_token;
    };

    void wait_until_not_running(std::unique_lock<std::mutex>& lock, ULONG token);

    mutable std::mutex mutex_;
    std::condition_variable returned_;       // a callback has returned
    std::map<ULONG, Registration> by_token_; // in the order of registration, since tokens grow
    ULONG last_token_;
    ULONG running_ = 0;          // the registration whose callback is running
    std::thread::id running_on_; // and the thread it is running on
};

} // namespace offline_state
