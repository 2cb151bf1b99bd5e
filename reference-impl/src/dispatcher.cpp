#include "dispatcher.h"

#include "lifetime.h"
#include "module_reference.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

namespace offline_state {

struct Dispatcher::Queue : std::enable_shared_from_this<Queue> {
    const ModuleReference module{}; // as long as there is an object or a thread
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Change> changes;
    std::thread thread;    // delivers
    bool closing = false;  // the thread ends when everything is delivered
    bool detached = false; // nobody joins the thread
    // The thread inside a delivery: it alone can find its own id here, and it alone uses `change`.
    std::atomic<std::thread::id> delivering{std::thread::id()};
    Change change; // the one of which some phases have been delivered

    bool deliver_phase() {
        std::thread::id nobody;
        if (!delivering.compare_exchange_strong(nobody, std::this_thread::get_id())) {
            return false;
        }
        const AtEnd ends{[this] { delivering.store(std::thread::id(), std::memory_order_release); }};
        if (!change) {
            const std::lock_guard lock(mutex);
            if (changes.empty()) {
                return false;
            }
            change = std::move(changes.front());
            changes.pop_front();
        }
        if (!change()) { // that was its last phase
            change = nullptr;
        }
        return true;
    }

    void deliver_until_closing() {
        for (bool is_over = false; !is_over;) {
            while (deliver_phase()) {
            }
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return closing || !changes.empty(); });
            is_over = changes.empty();
        }
    }

    /// With the mutex held. Throws std::bad_alloc or std::system_error.
    void start_thread() {
        thread = std::thread([queue = shared_from_this()] {
            bool is_over = false;
            const AtEnd replace_it{[&] {
                if (!is_over) { // the thread ends inside a client's function
                    queue->replace_thread();
                }
            }};
            queue->deliver_until_closing();
            is_over = true;
        });
    }

    /// Called by a thread that is ending: another one takes over. If none can be started, this one delivers the rest
    /// before it ends.
    void replace_thread() {
        std::unique_lock lock(mutex);
        std::thread ending = std::move(thread);
        try {
            start_thread();
        } catch (const std::exception&) {
            thread = std::move(ending);
            lock.unlock();
            deliver_until_closing();
            return;
        }
        if (ending.joinable()) { // else the dispatcher is joining it, and joins the new one next
            ending.detach();
        }
        if (detached) {
            thread.detach();
        }
    }
};

Dispatcher::Dispatcher(std::thread::id deliverer) : deliverer_(deliverer), queue_(std::make_shared<Queue>()) {
}

Dispatcher::~Dispatcher() {
    std::unique_lock lock(queue_->mutex);
    queue_->closing = true;
    queue_->changed.notify_one();
    if (queue_->thread.get_id() == std::this_thread::get_id()) {
        queue_->detached = true;
        queue_->thread.detach();
    }
    while (queue_->thread.joinable()) {
        std::thread ending = std::move(queue_->thread);
        lock.unlock();
        ending.join();
        lock.lock();
    }
    lock.unlock();
    while (queue_->deliver_phase()) { // what no thread has delivered
    }
}

void Dispatcher::post(Change change) {
    std::unique_lock lock(queue_->mutex);
    if (!is_manual() && !queue_->thread.joinable()) {
        queue_->start_thread();
    }
    queue_->changes.push_back(std::move(change));
    lock.unlock(); // the thread that wakes needs it
    queue_->changed.notify_one();
}

bool Dispatcher::deliver_phase() {
    return queue_->deliver_phase();
}

bool Dispatcher::is_delivering_here() const noexcept {
    return queue_->delivering.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

namespace {

struct CurrentDispatcher {
    std::mutex mutex;
    std::weak_ptr<Dispatcher> chosen;
    std::weak_ptr<Dispatcher> own;
};

} // namespace

std::shared_ptr<Dispatcher> current_dispatcher() {
    auto& current = process_wide<CurrentDispatcher>();
    const std::lock_guard lock(current.mutex);
    auto dispatcher = current.chosen.lock();
    if (!dispatcher) {
        dispatcher = current.own.lock();
    }
    if (!dispatcher) {
        dispatcher = std::make_shared<Dispatcher>();
        current.own = dispatcher;
    }
    return dispatcher;
}

bool use_dispatcher(const std::shared_ptr<Dispatcher>& dispatcher) {
    auto& current = process_wide<CurrentDispatcher>();
    const std::lock_guard lock(current.mutex);
    if (current.chosen.lock()) {
        return false;
    }
    current.chosen = dispatcher;
    return true;
}

} // namespace offline_state
