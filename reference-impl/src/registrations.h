// The registrations of a tree of objects: who is told, in which order, and what Unadvise waits for.
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace offline_state {

class ConnectionState; // stands for its object here, and is only compared

/// Who is told of something: the registrations on these objects up to and including this token. Tokens grow, so the
/// newest one tells the registrations there were from later ones.
struct Audience {
    ULONG newest;
    std::set<const ConnectionState*> objects;
};

class Registrations {
public:
    /// @param last_token The token before the first one that is given; for tests of the end of the range.
    explicit Registrations(ULONG last_token = 0) : last_token_(last_token) {}

    Registrations(const Registrations&) = delete;
    Registrations& operator=(const Registrations&) = delete;

    /// Adds a registration, which takes over the reference on the callback. Gives its token, or 0 when all
    /// tokens are used up. Throws std::bad_alloc, and has then done nothing.
    ULONG add(const ConnectionState* object, Microsoft::WRL::ComPtr<IMAPIOfflineNotify> callback, ULONG client_token);

    /// Ends a registration on the object and releases its callback. When it returns, the callback is not running and
    /// will not run again, unless it is itself the caller. An unknown token does nothing, but waits all the same.
    void remove(const ConnectionState* object, ULONG token);

    /// Ends all registrations on the object, each as remove does.
    void remove_all(const ConnectionState* object);

    /// The newest token so far.
    ULONG newest() const;

    /// Sends one notification to each registration of the audience, in the order of registration. Not called by two
    /// threads at once.
    void notify(MAPIOFFLINE_NOTIFY notification, const Audience& audience);

private:
    struct Registration {
        const ConnectionState* object;
        Microsoft::WRL::ComPtr<IMAPIOfflineNotify> callback;
        ULONG client_token;
    };

    /// The callback that is running.
    struct Running {
        const ConnectionState* object = nullptr;
        ULONG token = 0;
    };

    template <class IsOver>
    void wait_unless_running_here(std::unique_lock<std::mutex>& lock, IsOver is_over);

    mutable std::mutex mutex_;
    std::condition_variable returned_;       // a callback has returned
    std::map<ULONG, Registration> by_token_; // in the order of registration, since tokens grow
    ULONG last_token_;
    Running running_;
    std::thread::id running_on_;
};

} // namespace offline_state
