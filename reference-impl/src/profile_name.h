// Profile names: which are valid, and which are the same (OPEN-6).
#pragma once

#include <mapioffline.h>

#include <cstddef>
#include <string>

namespace offline_state {

/// MAPI's cchProfileNameMax.
constexpr std::size_t max_profile_name_length = 64;

/// The name's length in characters, at most max_profile_name_length + 1: it reads no further than it must.
std::size_t profile_name_length(LPCWSTR name) noexcept;

/// True for a name of 1 to max_profile_name_length characters.
bool is_valid_profile_name(LPCWSTR name) noexcept;

/// What two names have in common that are the same without regard to case: as in the registry, each character is mapped
/// to one upper-case character, in no locale. Throws std::bad_alloc.
std::wstring upper_case(LPCWSTR name);

} // namespace offline_state
