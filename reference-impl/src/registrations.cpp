#include "registrations.h"

#include "running_notify.h"
#include "trace.h"

#include <limits>
#include <utility>

namespace offline_state {

using Microsoft::WRL::ComPtr;

namespace {

void call(IMAPIOfflineNotify& callback, const MAPIOFFLINE_NOTIFY& notification) {
    if (is_tracing()) { // asked each time: a Notify may install a sink
        trace_notification(TraceEvent::Kind::notification, notification, {});
    }
    try {
        callback.Notify(&notification);
    } catch (...) { // NOTIFY-7
        trace_notification(TraceEvent::Kind::exception, notification, {E_FAIL, "an exception has left Notify"});
    }
}

void call_timed(IMAPIOfflineNotify& callback, ULONG token, const MAPIOFFLINE_NOTIFY& notification) {
    const RunningNotify running(token, notification);
    call(callback, notification);
}

} // namespace

Registrations::Registrations(ULONG capacity)
    : blocks_(1), head_((blocks_.front() = std::make_unique<Block>())->front()), capacity_(capacity) {
}

ULONG Registrations::add(const ConnectionState* object, ComPtr<IMAPIOfflineNotify> callback, ULONG client_token) {
    const std::lock_guard lock(mutex_);
    Slot* const slot = take_slot();
    if (slot == nullptr) {
        return 0;
    }
    const ULONG order = newest_.load(std::memory_order_relaxed) + 1; // there are more orders than tokens
    slot->next.store(nullptr, std::memory_order_relaxed);
    slot->callback = std::move(callback);
    slot->object = object;
    slot->order.store(order, std::memory_order_relaxed);
    slot->client_token = client_token;
    slot->before = last_;
    slot_at(last_).next.store(slot, std::memory_order_release);
    last_ = slot->token & index_mask;
    newest_.store(order, std::memory_order_release); // now a change may count on it
    return slot->token;
}

void Registrations::remove(const ConnectionState* object, ULONG token) {
    ComPtr<IMAPIOfflineNotify> callback; // released last, outside the lock: its destructor may call back
    std::unique_lock lock(mutex_);
    const ULONG index = token & index_mask;
    if (index >= slots_ || slot_at(index).token != token || slot_at(index).object != object) {
        return;
    }
    Slot& slot = slot_at(index);
    const bool ends = slot.order != 0;
    if (ends) {
        unlink(slot);
    }
    wait_unless_inside(lock, [&] { return running_ == &slot && slot.token == token; });
    if (ends) {
        callback.Swap(slot.callback);
        give_up_slot(slot);
        if (running_ == &slot && is_dispatching_here()) { // inside its own Notify, whose caller still needs it
            callback.Swap(ended_inside_);
        }
    }
}

void Registrations::remove_all(const ConnectionState* object) {
    std::unique_lock lock(mutex_);
    for (const Slot* slot = head_.next; slot != nullptr;) {
        if (slot->object != object) {
            slot = slot->next;
            continue;
        }
        const ULONG token = slot->token;
        lock.unlock();
        remove(object, token);
        lock.lock();
        slot = head_.next; // meanwhile anyone may have added and removed registrations
    }
    wait_unless_inside(lock, [&] { // for one that has ended inside its own Notify
        const Slot* const running = running_;
        return running != nullptr && running->object == object;
    });
}

void Registrations::notify(MAPIOFFLINE_NOTIFY notification, const Audience& audience) {
    const bool timed = are_notifies_timed;
    running_on_.store(std::this_thread::get_id(), std::memory_order_relaxed); // running_ takes it along
    ++phase_;
    Slot* slot = head_.next;
    running_ = slot;
    while (slot != nullptr) {
        const ULONG order = slot->order;
        const bool is_newer = order > audience.newest;
        if (order != 0 && !is_newer && (audience.objects.empty() || audience.objects.count(slot->object) != 0)) {
            notification.ulClientToken = slot->client_token;
            timed ? call_timed(*slot->callback.Get(), slot->token, notification)
                  : call(*slot->callback.Get(), notification);
        }
        Slot* const next = is_newer ? nullptr : slot->next.load();
        go_on(*slot, order, next);
        slot = next;
    }
    phase_.store(phase_ + 1, std::memory_order_release);
}

/// From one slot, whose order was this, to the next one.
void Registrations::go_on(const Slot& from, ULONG order, Slot* to) {
    running_ = to;
    if (order == 0 || from.order != order) { // it has ended, and someone may wait
        ComPtr<IMAPIOfflineNotify> ended_inside;
        const std::lock_guard lock(mutex_);
        ended_inside.Swap(ended_inside_);
        returned_.notify_all();
    }
}

/// A place for a new registration, or null. What left the list during this phase is not used: the dispatcher may stand
/// on it.
Registrations::Slot* Registrations::take_slot() {
    const ULONG phase = phase_;
    Slot& slot = slot_at(first_unused_);
    if (first_unused_ != 0 && (phase % 2 == 0 || slot.client_token != phase)) {
        first_unused_ = slot.before;
        slot.token += one_use;
        return &slot;
    }
    if (slots_ > capacity_) {
        return nullptr;
    }
    if (slots_ == blocks_.size() * block_size) {
        blocks_.push_back(std::make_unique<Block>());
    }
    Slot& new_slot = slot_at(slots_);
    new_slot.token = slots_++;
    return &new_slot;
}

void Registrations::give_up_slot(Slot& slot) {
    if (slot.token > std::numeric_limits<ULONG>::max() - one_use) {
        return; // its next token would be one that was given before
    }
    const ULONG index = slot.token & index_mask;
    slot.client_token = phase_;
    slot.before = 0;
    (first_unused_ == 0 ? first_unused_ : slot_at(last_unused_).before) = index;
    last_unused_ = index;
}

/// Ends the registration. Its `next` stays as it is, for a dispatcher that stands on it.
void Registrations::unlink(Slot& slot) {
    Slot* const next = slot.next;
    slot_at(slot.before).next = next;
    (next != nullptr ? next->before : last_) = slot.before;
    slot.order = 0;
}

/// To be asked after running_: what was written there came with the thread.
bool Registrations::is_dispatching_here() const noexcept {
    return running_on_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

template <class IsRunning>
void Registrations::wait_unless_inside(std::unique_lock<std::mutex>& lock, IsRunning is_running) {
    returned_.wait(lock, [&] { return !is_running() || is_dispatching_here(); });
}

} // namespace offline_state
