#include "registrations.h"

#include "lifetime.h"

namespace offline_state {

ULONG Registrations::add(const ConnectionState* object, Callback&& callback, ULONG client_token) {
    const std::lock_guard lock(mutex_);
    const ULONG place = end_.load(std::memory_order_relaxed);
    if (const std::size_t size = blocks_.size() * block_size; std::max(place, slots_) == size) {
        blocks_.push_back(std::make_unique<Block>());
        (size == 0 ? first_ : blocks_[blocks_.size() - 2]->next) = blocks_.back().get();
    }
    if (first_free_ == 0) {
        if (slots_ == capacity_) {
            return 0;
        }
        first_free_ = ++slots_;
        slot(first_free_).token.store(first_free_ - one_count, std::memory_order_relaxed);
    }

    Slot& free_slot = slot(first_free_);
    const ULONG token = free_slot.token.load(std::memory_order_relaxed) + one_count;
    first_free_ = free_slot.client_token;
    free_slot.callback.swap(callback);
    free_slot.object = object;
    free_slot.client_token = client_token;
    free_slot.in_notify = false;
    free_slot.token.store(token, std::memory_order_release);

    const ULONG order = newest_.load(std::memory_order_relaxed) + 1; // cannot overflow: there are fewer tokens
    entry(place) = {&free_slot, token, order};
    ++registered_;
    end_.store(place + 1, std::memory_order_release);
    newest_.store(order, std::memory_order_release); // from now on a change may count on the entry
    return token;
}

void Registrations::remove(const ConnectionState* object, ULONG token) {
    const ULONG number = number_of(token);
    Callback callback; // released last, outside the lock: its destructor may call back
    std::unique_lock lock(mutex_);
    if (!is_in_use(token) || number - 1 >= slots_ || slot(number).object != object) {
        return;
    }
    Slot& its = slot(number);
    const bool ends = its.token == token;
    if (ends) {
        its.token = token + one_count;
        --registered_; // before it waits: a sweep may find the gap during the wait
    }
    bool inside = false; // called inside its own Notify, which still needs the callback
    returned_.wait(lock, [&] {
        const bool is_running = running_ == &its && its.token == token + one_count;
        inside = is_running && is_dispatching_here();
        return !is_running || inside;
    });
    if (!ends) {
        return;
    }
    if (inside) {
        ended_inside_ = &its;
    } else {
        callback.swap(its.callback);
        recycle(its);
    }
    if (has_many_gaps()) {
        sweep(8);
    }
}

void Registrations::remove_all(const ConnectionState* object) {
    bool is_over = false;
    const AtEnd remove_the_rest{[&] {
        if (!is_over) { // a callback's Release ends the thread
            remove_all(object);
        }
    }};
    std::unique_lock lock(mutex_);
    for (ULONG number = 1; number <= slots_; ++number) {
        const ULONG token = slot(number).token;
        if (is_in_use(token) && slot(number).object == object) {
            lock.unlock();
            remove(object, token);
            lock.lock();
        }
    }
    returned_.wait(
        lock, [&] { return ended_inside_ == nullptr || ended_inside_->object != object || is_dispatching_here(); });
    is_over = true;
}

void Registrations::notify(MAPIOFFLINE_NOTIFY notification, Audience& audience) {
    const bool timed = are_notifies_timed;
    running_on_.store(std::this_thread::get_id(), std::memory_order_relaxed); // published together with running_
    running_ = &nobody_;
    if (is_sweeping_) {
        const std::lock_guard until_the_sweep_ends(mutex_);
    }
    {
        Slot* its = nullptr;
        ULONG its_token = 0;
        const AtEnd end_of_phase{[&] { advance(its, its_token, nullptr); }}; // also if the thread ends
        ULONG left = end_;
        for (Block* const* block = &first_; left != 0; block = &(*block)->next) { // the last `next` is not read
            const ULONG here = std::min(left, block_size);
            left -= here;
            for (ULONG i = 0; i < here; ++i) {
                const Entry& each = (*block)->entries[i];
                if (each.order > audience.newest) {
                    left = 0;
                    break;
                }
                if (each.order <= audience.notified || each.is_gap()) { // a gap is not worth a store to running_
                    continue;
                }
                advance(its, its_token, each.slot);
                its = each.slot;
                its_token = each.token;
                audience.notified = each.order;
                if (its->token == its_token && !its->in_notify && audience.includes(its->object)) {
                    notification.ulClientToken = its->client_token;
                    its->in_notify = true;
                    timed ? call_listed_notify(*its->callback.get(), its_token, notification)
                          : call_notify(*its->callback.get(), notification);
                    its->in_notify = false;
                }
            }
        }
    }
    audience.notified = 0; // for the next phase

    while (needs_sweep_.load(std::memory_order_relaxed)) { // those who left in this phase could not sweep
        const std::lock_guard lock(mutex_);
        sweep(256);
    }
}

/// Moves running_ from a slot that has been notified, if there is one, to the next slot, or to the end of the phase.
void Registrations::advance(const Slot* previous, ULONG its_token, Slot* next) {
    running_ = next;
    if (previous != nullptr && previous->token != its_token) { // it has ended: someone may be waiting
        if (next != nullptr) {
            running_ = &nobody_;
        }
        wake_and_release();
        running_ = next;
    }
}

/// Wakes those who wait for a callback that has returned. Releases it if it was unadvised inside its own Notify.
void Registrations::wake_and_release() {
    {
        const std::lock_guard lock(mutex_);
        returned_.notify_all();
    }
    if (ended_inside_ == nullptr) { // only this thread sets it
        return;
    }
    const AtEnd when_it_is_released{[this] { // now the object may end, too
        const std::lock_guard lock(mutex_);
        recycle(*ended_inside_);
        ended_inside_ = nullptr;
        returned_.notify_all();
    }};
    const Callback released = std::move(ended_inside_->callback); // only this thread uses it now
}

/// Makes a slot available for new registrations. Its callback is gone.
void Registrations::recycle(Slot& slot) noexcept {
    const ULONG token = slot.token.load(std::memory_order_relaxed);
    if (token + one_count > token) { // else the count starts again, and would give the same tokens
        slot.client_token = first_free_;
        first_free_ = number_of(token);
    }
}

/// Looks at this many more entries, and moves those that are not gaps down. With the mutex held.
void Registrations::sweep(ULONG places) noexcept {
    is_sweeping_ = true;
    if (running_ == nullptr) {
        const ULONG end = end_.load(std::memory_order_relaxed);
        ULONG from = sweep_from_;
        ULONG to = sweep_to_;
        for (; places != 0 && from != end; --places, ++from) {
            const bool stays = !entry(from).is_gap();
            std::swap(entry(to), entry(from)); // with a gap, or with itself
            to += stays ? 1 : 0;
        }
        if (from == end) {
            end_.store(to, std::memory_order_relaxed);
            from = to = 0;
        }
        sweep_from_ = from;
        sweep_to_ = to;
    }
    is_sweeping_.store(false, std::memory_order_release);
    needs_sweep_.store(has_many_gaps(), std::memory_order_relaxed);
}

} // namespace offline_state
