#include "registrations.h"

#include "running_notify.h"
#include "trace.h"

#include <algorithm>
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

ULONG Registrations::add(const ConnectionState* object, ComPtr<IMAPIOfflineNotify>&& callback, ULONG client_token) {
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
    unused.callback.Swap(callback);
    unused.object = object;
    unused.client_token = client_token;
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
    ComPtr<IMAPIOfflineNotify> callback; // released last, outside the lock: its destructor may call back
    std::unique_lock lock(mutex_);
    if (!is_in_use(token) || number - 1 >= slots_made_ || slot(number).object != object) {
        return;
    }
    Slot& its = slot(number);
    const bool ends = its.token == token;
    if (ends) {
        its.token = token_after;
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
        give_up(its, callback);
    }
    --registered_;
    if (has_many_gaps()) {
        sweep(8);
    }
}

void Registrations::remove_all(const ConnectionState* object) {
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
}

void Registrations::notify(MAPIOFFLINE_NOTIFY notification, const Audience& audience) {
    const bool timed = are_notifies_timed;
    running_on_.store(std::this_thread::get_id(), std::memory_order_relaxed); // running_ takes it along
    running_ = &nobody_;
    if (is_moving_) {
        const std::lock_guard until_it_is_over(mutex_);
    }
    Slot* told = nullptr;
    ULONG its_token = 0;
    const auto go_on = [&](Slot* to) {
        running_ = to;
        if (told != nullptr && told->token != its_token) {
            wake_those_who_wait();
        }
    };
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
            if (each.is_gap()) { // a first look, which costs nothing
                continue;
            }
            go_on(each.slot);
            told = each.slot;
            its_token = each.token;
            if (told->token == its_token && audience.includes(told->object)) {
                notification.ulClientToken = told->client_token;
                timed ? call_timed(*told->callback.Get(), its_token, notification)
                      : call(*told->callback.Get(), notification);
            }
        }
    }
    go_on(nullptr);

    while (is_untidy_.load(std::memory_order_relaxed)) { // who has left in this phase could not sweep
        const std::lock_guard lock(mutex_);
        sweep(256);
    }
}

/// To be asked when running_ is somewhere else: it has ended, and someone may wait for that.
void Registrations::wake_those_who_wait() {
    ComPtr<IMAPIOfflineNotify> callback;
    const std::lock_guard lock(mutex_);
    if (Slot* const ended = std::exchange(ended_inside_, nullptr)) {
        give_up(*ended, callback);
    }
    returned_.notify_all();
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

/// Takes its callback out of a slot, which others may have from now on.
void Registrations::give_up(Slot& slot, ComPtr<IMAPIOfflineNotify>& callback) noexcept {
    callback.Swap(slot.callback);
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
