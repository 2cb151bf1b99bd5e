// Profile names: which are valid, and which are the same (OPEN-6).
#pragma once

#include <mapioffline.h>

#include <cstddef>
#include <string>

namespace offline_state {

/// MAPI's cchProfileNameMax.
constexpr std::size_t max_profile_name_length = 64;

/// The number of characters before the terminating null or the first unit that is not a character, at most
/// max_profile_name_length + 1. Reads no further.
std::size_t profile_name_length(LPCWSTR name) noexcept;

/// Why the name is not valid, in words; or null.
const char* fault_of_profile_name(LPCWSTR name) noexcept;

/// The character's upper case. One table for all platforms, since a system's own table depends on its version.
wchar_t upper_case(wchar_t character) noexcept;

/// The name in upper case. Two names are the same profile if this is the same. Throws std::bad_alloc.
std::wstring upper_case(LPCWSTR name);

} // namespace offline_state
