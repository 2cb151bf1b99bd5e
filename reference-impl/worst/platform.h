// What the standard library cannot do.
#pragma once

namespace offline_state_worst {

/// A page of memory for one notification; null if none is left.
void* readable_page() noexcept;
/// From now on who reads it ends the process, until the page's turn comes again.
void make_unreadable(void* page) noexcept;

/// Whether the reference is in this process too: a client would take either for the other.
bool reference_is_loaded() noexcept;

/// The library's threads run in it until the process ends.
void keep_this_library_loaded() noexcept;

} // namespace offline_state_worst
