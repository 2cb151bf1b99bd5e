// A queue of changes and the thread that delivers them, phase by phase. It knows nothing of COM.
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace offline_state {

class Dispatcher {
public:
    /// Who delivers: a thread of the dispatcher's own, which the first change starts; or the callers of deliver_phase.
    enum class Delivery { own_thread, manual };

    /// Delivers the next phase of a change; returns false when that was the last one. Must not throw. If the thread
    /// ends inside it, it is called again, on another thread (NOTIFY-10).
    using Change = std::function<bool()>;

    explicit Dispatcher(Delivery delivery);

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

    /// True on the thread that has created a manual dispatcher, which delivers: it would wait for itself, too.
    bool is_to_deliver_here() const noexcept { return creator_ == std::this_thread::get_id(); }

    Delivery delivery() const noexcept { return delivery_; }

private:
    struct Queue;

    const Delivery delivery_;
    const std::thread::id creator_;      // of a manual one, else nobody
    const std::shared_ptr<Queue> queue_; // shared with the thread, which may outlive the dispatcher
};

/// The dispatcher for new objects: the one given to use_dispatcher while it lives, else the process's own, which lives
/// as long as an object holds it.
std::shared_ptr<Dispatcher> current_dispatcher();

/// Makes new objects use this dispatcher while it lives. Returns false, and does nothing, if another one is in use.
bool use_dispatcher(const std::shared_ptr<Dispatcher>& dispatcher);

/// True while no object has got the dispatcher in use, and there are objects with the process's own: it came after
/// them.
bool is_dispatcher_late();

} // namespace offline_state
