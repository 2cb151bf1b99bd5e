// Two helpers that decide when something ends.
#pragma once

namespace offline_state {

/// Does something at the end of a block, also when a client's function ends the thread inside it (NOTIFY-10).
template <class Action>
struct AtEnd {
    Action action;
    // NOLINTNEXTLINE(bugprone-unsafe-to-allow-exceptions): only an ending thread leaves it so
    ~AtEnd() noexcept(false) { action(); }
};
template <class Action>
AtEnd(Action) -> AtEnd<Action>;

/// The one object of this type in the process. Never destroyed: a client may still call while the process ends.
template <class Type>
Type& process_wide() {
    static Type& object = *new Type;
    return object;
}

} // namespace offline_state
