// A queue of changes and the thread that delivers them, phase by phase. It knows nothing of COM.
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace offline_state {

class Dispatcher {
public:
    /// Delivers the next phase of a change; returns false when that was the last one. Must not throw. If the thread
    /// ends inside it, it is called again, on another thread (NOTIFY-10).
    using Change = std::function<bool()>;

    /// @param deliverer Of a manual dispatcher: the thread that delivers, by calling deliver_phase. Nobody: a thread of
    ///   the dispatcher's own delivers, which the first change starts.
    explicit Dispatcher(std::thread::id deliverer = {});

    /// Delivers what is left, then joins the thread. On that thread itself (a client has released the last object
    /// inside Notify) it does not join, and the thread ends by itself.
    ~Dispatcher();

    Dispatcher(const Dispatcher&) = delete;

    /// Appends a change. Throws std::bad_alloc or std::system_error; then nothing has changed.
    void post(Change change);

    /// Delivers one phase of the oldest change on the calling thread. Returns false when there is none.
    bool deliver_phase();

    /// True inside a delivery on this thread, which would wait for itself if it waited for a delivery.
    bool is_delivering_here() const noexcept;

    /// True on the deliverer of a manual dispatcher, which would wait for itself too.
    bool is_to_deliver_here() const noexcept { return deliverer_ == std::this_thread::get_id(); }

    bool is_manual() const noexcept { return deliverer_ != std::thread::id(); }

private:
    struct Queue;

    const std::thread::id deliverer_;    // nobody unless it is manual
    const std::shared_ptr<Queue> queue_; // shared with the thread, which may outlive the dispatcher
};

/// The dispatcher for new objects: the one given to use_dispatcher while it lives, else the process's own, which lives
/// as long as an object holds it.
std::shared_ptr<Dispatcher> current_dispatcher();

/// Makes new objects use this dispatcher while it lives. Returns false, and does nothing, if another one is in use.
bool use_dispatcher(const std::shared_ptr<Dispatcher>& dispatcher);

} // namespace offline_state
