// A queue of changes and the thread that delivers them, one phase after the other. It knows nothing of COM.
#pragma once

#include <memory>
#include <thread>

namespace offline_state {

class Dispatcher {
public:
    /// Who delivers: a thread of the dispatcher's own, which the first change starts; or whoever calls deliver_phase.
    enum class Delivery { own_thread, manual };

    class Change {
    public:
        virtual ~Change() = default;

        /// Delivers its next phase; false when that was the last one. Must not throw. If the thread ends inside it, it
        /// is called again, on another one (NOTIFY-10).
        virtual bool deliver_phase() = 0;
    };

    explicit Dispatcher(Delivery delivery);

    /// Delivers what is left, then joins the thread. On that very thread (a client has released the last object
    /// inside Notify) it cannot join: the thread then ends by itself.
    ~Dispatcher();

    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Appends a change. Throws std::bad_alloc or std::system_error, and has then done nothing.
    void post(std::shared_ptr<Change> change);

    /// Delivers one phase of the oldest change on the calling thread; false when there is none.
    bool deliver_phase();

    /// True inside a delivery on this thread: there, waiting for a delivery would be waiting for oneself.
    bool is_delivering_here() const noexcept;

    Delivery delivery() const noexcept { return delivery_; }

private:
    struct Queue;

    const Delivery delivery_;
    const std::shared_ptr<Queue> queue_; // shared with the thread, which may outlive the dispatcher
};

/// The dispatcher for new objects: the one that set_dispatcher named while it lives, else the process's own, which
/// lives as long as any object holds it.
std::shared_ptr<Dispatcher> current_dispatcher();

/// Makes new objects use this one, until it is gone. False, and nothing done, while another one is in use.
bool set_dispatcher(const std::shared_ptr<Dispatcher>& dispatcher);

} // namespace offline_state
