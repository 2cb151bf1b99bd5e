#include "registrations.h"

#include <algorithm>

namespace offline_state {

ULONG Registrations::add(const ConnectionState* object, Callback&& callback, ULONG client_token) {
    const std::lock_guard lock(mutex_);
    const ULONG place = end_.load(std::memory_order_relaxed);
    if (first_unused_ == 0 && !add_slot()) {
        return 0;
    }
    if (place == entries_.size() * block_size) {
        add_entries();
    }

    Slot& unused = slot(first_unused_);
    const ULONG token = unused.token.load(std::memory_order_relaxed) + one_count;
    first_unused_ = unused.client_token;
    unused.callback.swap(callback);
    unused.object = object;
    unused.client_token = client_token;
    unused.is_mute = false;
    unused.token.store(token, std::memory_order_release);

    const ULONG order = newest_.load(std::memory_order_relaxed) + 1; // there are more orders than tokens
    entry(place) = {&unused, token, order};
    ++registered_;
    end_.store(place + 1, std::memory_order_release);
    newest_.store(order, std::memory_order_release); // now a change may count on it
    return token;
}

void Registrations::remove(const ConnectionState* object, ULONG token) {
    const ULONG number = number_of(token);
    const ULONG token_after = token + one_count;
    Callback callback; // released last, outside the lock: its destructor may call back
    std::unique_lock lock(mutex_);
    if (!is_in_use(token) || number - 1 >= slots_made_ || slot(number).object != object) {
        return;
    }
    Slot& its = slot(number);
    const bool ends = its.token == token;
    if (ends) {
        its.token = token_after;
        --registered_; // at once: a sweep may find the gap while this waits
    }
    bool inside = false; // its own Notify, whose caller still needs it
    returned_.wait(lock, [&] {
        const bool is_running = running_ == &its && its.token == token_after;
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
        give_up(its);
    }
    if (has_many_gaps()) {
        sweep(8);
    }
}

void Registrations::remove_all(const ConnectionState* object) {
    struct Rest { // the thread may end inside a callback's Release
        Registrations& all;
        const ConnectionState* const object;
        bool is_left = true;
        ~Rest() {
            if (is_left) {
                all.remove_all(object);
            }
        }
    } rest{*this, object};
    std::unique_lock lock(mutex_);
    for (ULONG number = 1; number <= slots_made_; ++number) {
        const ULONG token = slot(number).token;
        if (is_in_use(token) && slot(number).object == object) {
            lock.unlock();
            remove(object, token);
            lock.lock();
        }
    }
    returned_.wait(
        lock, [&] { return ended_inside_ == nullptr || ended_inside_->object != object || is_dispatching_here(); });
    rest.is_left = false;
}

void Registrations::notify(MAPIOFFLINE_NOTIFY notification, Audience& audience) {
    const bool timed = are_notifies_timed;
    running_on_.store(std::this_thread::get_id(), std::memory_order_relaxed); // running_ takes it along
    running_ = &nobody_;
    if (is_moving_) {
        const std::lock_guard until_it_is_over(mutex_);
    }
    Slot* told = nullptr;
    ULONG its_token = 0;
    ULONG its_order = audience.told;
    bool is_called = false;
    try {
        ULONG left = end_;
        for (Entries* const* part = &first_; left != 0; part = &(*part)->next) {
            const ULONG here = std::min(left, block_size);
            left -= here;
            for (ULONG i = 0; i < here; ++i) {
                const Entry& each = (*part)->here[i];
                if (each.order > audience.newest) {
                    left = 0;
                    break;
                }
                if (each.order <= audience.told || each.is_gap()) { // a first look, which costs nothing
                    continue;
                }
                go_on(told, its_token, each.slot);
                told = each.slot;
                its_token = each.token;
                its_order = each.order;
                if (told->token == its_token && !told->is_mute && audience.includes(told->object)) {
                    notification.ulClientToken = told->client_token;
                    is_called = true;
                    timed ? call_listed_notify(*told->callback.get(), its_token, notification)
                          : call_notify(*told->callback.get(), notification);
                    is_called = false;
                }
            }
        }
        go_on(told, its_token, nullptr);
    } catch (...) { // only a thread that ends inside a client's function leaves that (NOTIFY-10)
        audience.told = its_order;
        if (is_called) {
            told->is_mute = true;
        }
        if (running_ != nullptr) {
            go_on(told, its_token, nullptr);
        }
        throw;
    }
    audience.told = 0;

    while (is_untidy_.load(std::memory_order_relaxed)) { // who has left in this phase could not sweep
        const std::lock_guard lock(mutex_);
        sweep(256);
    }
}

/// From a registration that has been told, if it is one, to the next one, or to the end.
void Registrations::go_on(const Slot* told, ULONG its_token, Slot* next) {
    running_ = next;
    if (told != nullptr && told->token != its_token) { // it has ended, and someone may wait for that
        if (next != nullptr) {
            running_ = &nobody_; // nobody shall wait for the next one meanwhile
        }
        release_what_has_ended();
        running_ = next;
    }
}

/// Wakes those who wait for a callback that has returned, and releases it if it has ended inside its own Notify.
void Registrations::release_what_has_ended() {
    {
        const std::lock_guard lock(mutex_);
        returned_.notify_all();
        if (ended_inside_ == nullptr) {
            return;
        }
    }
    struct Over { // when the callback is released: the object may end now
        Registrations& all;
        ~Over() {
            const std::lock_guard lock(all.mutex_);
            all.give_up(*all.ended_inside_);
            all.ended_inside_ = nullptr;
            all.returned_.notify_all();
        }
    } over{*this};
    const Callback released = std::move(ended_inside_->callback); // nobody else touches that meanwhile
}

/// One more that is not in use. False when all tokens are used up.
bool Registrations::add_slot() {
    if (slots_made_ == capacity_) {
        return false;
    }
    if (slots_made_ == slots_.size() * block_size) {
        slots_.push_back(std::make_unique<Slots>());
    }
    first_unused_ = ++slots_made_;
    slot(first_unused_).token.store(first_unused_ - one_count, std::memory_order_relaxed);
    return true;
}

void Registrations::add_entries() {
    entries_.push_back(std::make_unique<Entries>());
    const std::size_t before = entries_.size() - 1;
    (before == 0 ? first_ : entries_[before - 1]->next) = entries_.back().get();
}

/// Others may have a slot from now on, whose callback is gone.
void Registrations::give_up(Slot& slot) noexcept {
    const ULONG token = slot.token.load(std::memory_order_relaxed);
    if (token + one_count > token) { // else the count begins again: its next token would be one that was given before
        slot.client_token = first_unused_;
        first_unused_ = number_of(token);
    }
}

/// To be asked after running_: what was written there came with the thread.
bool Registrations::is_dispatching_here() const noexcept {
    return running_on_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

/// Or someone has begun to sweep.
bool Registrations::has_many_gaps() const noexcept {
    constexpr ULONG few = 8;
    return sweep_from_ != 0 || end_.load(std::memory_order_relaxed) - registered_ > registered_ + few;
}

/// Goes on to move entries down, over so many places. With the mutex held.
void Registrations::sweep(ULONG places) noexcept {
    is_moving_ = true;
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
    is_moving_.store(false, std::memory_order_release);
    is_untidy_.store(has_many_gaps(), std::memory_order_relaxed);
}

} // namespace offline_state
