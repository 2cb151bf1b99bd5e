#include "running_notify.h"

namespace offline_state {

// Never destroyed: a notification may come while the process ends.
RunningNotifies& running_notifies() {
    static auto& all = *new RunningNotifies;
    return all;
}

RunningNotify::RunningNotify(ULONG token_of_it, const MAPIOFFLINE_NOTIFY& sent) noexcept
    : token(token_of_it), notification(sent), since(std::chrono::steady_clock::now()) {
    RunningNotifies& all = running_notifies();
    const std::lock_guard lock(all.mutex);
    next = all.newest;
    all.newest = this;
    all.changed.notify_all();
}

RunningNotify::~RunningNotify() {
    RunningNotifies& all = running_notifies();
    const std::lock_guard lock(all.mutex);
    RunningNotify** link = &all.newest;
    while (*link != this) { // NOLINT(clang-analyzer-core.NullDereference): it is in the list
        link = &(*link)->next;
    }
    *link = next;
}

} // namespace offline_state
