#include "dispatcher.h"

#include "module_reference.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

namespace offline_state {

struct Dispatcher::Queue : std::enable_shared_from_this<Queue> {
    const ModuleReference module{}; // while there is an object or a thread
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Change>> changes;
    std::thread thread;    // delivers
    bool closing = false;  // it ends when all is delivered
    bool detached = false; // nobody joins it
    // The thread that is inside a delivery: only that one can find itself here, and touches what follows.
    std::atomic<std::thread::id> delivering{std::thread::id()};
    std::shared_ptr<Change> change; // of which phases have been delivered, but not all

    bool deliver_phase() {
        std::thread::id nobody;
        if (!delivering.compare_exchange_strong(nobody, std::this_thread::get_id())) {
            return false;
        }
        const struct Ends {
            std::atomic<std::thread::id>& delivering;
            ~Ends() { delivering.store(std::thread::id(), std::memory_order_release); }
        } ends{delivering};
        if (!change) {
            const std::lock_guard lock(mutex);
            if (!changes.empty()) {
                change = std::move(changes.front());
                changes.pop_front();
            }
        }
        const bool is_there = change != nullptr;
        if (is_there && !change->deliver_phase()) { // that was its last phase
            change.reset();
        }
        return is_there;
    }

    void deliver_until_closing() {
        for (;;) {
            while (deliver_phase()) {
            }
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return closing || !changes.empty(); });
            if (changes.empty()) {
                return;
            }
        }
    }

    /// With the mutex held. Throws std::bad_alloc or std::system_error.
    void start_thread() {
        thread = std::thread([queue = shared_from_this()] {
            struct Replacement { // if the thread ends inside a client's function
                Queue& queue;
                bool is_needed = true;
                ~Replacement() {
                    if (is_needed) {
                        queue.replace_thread();
                    }
                }
            } replacement{*queue};
            queue->deliver_until_closing();
            replacement.is_needed = false;
        });
    }

    /// Called by the thread, which ends: another one goes on. If there is none to be had, its end has to wait.
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
        if (ending.joinable()) { // else the dispatcher joins it, and then its successor
            ending.detach();
        }
        if (detached) {
            thread.detach();
        }
    }
};

Dispatcher::Dispatcher(Delivery delivery) : delivery_(delivery), queue_(std::make_shared<Queue>()) {
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
    while (queue_->deliver_phase()) { // without a thread
    }
}

void Dispatcher::post(std::shared_ptr<Change> change) {
    std::unique_lock lock(queue_->mutex);
    if (delivery_ == Delivery::own_thread && !queue_->thread.joinable()) {
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

// Never destroyed: a client may call while the process ends.
CurrentDispatcher& current() {
    static auto& current = *new CurrentDispatcher;
    return current;
}

} // namespace

std::shared_ptr<Dispatcher> current_dispatcher() {
    const std::lock_guard lock(current().mutex);
    if (auto chosen = current().chosen.lock()) {
        return chosen;
    }
    auto own = current().own.lock();
    if (!own) {
        own = std::make_shared<Dispatcher>(Dispatcher::Delivery::own_thread);
        current().own = own;
    }
    return own;
}

bool set_dispatcher(const std::shared_ptr<Dispatcher>& dispatcher) {
    const std::lock_guard lock(current().mutex);
    if (current().chosen.lock()) {
        return false;
    }
    current().chosen = dispatcher;
    return true;
}

} // namespace offline_state
