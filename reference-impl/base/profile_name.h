// Profile names: which are valid, and which are the same (OPEN-6).
#pragma once

#include <mapioffline.h>

#include <cstddef>
#include <string>

namespace offline_state {

/// MAPI's cchProfileNameMax.
constexpr std::size_t max_profile_name_length = 64;

/// How many characters the name has before its null, or before the first that is none: at most
/// max_profile_name_length + 1. It reads no further than it must.
std::size_t profile_name_length(LPCWSTR name) noexcept;

/// Why there can be no profile of that name, in words; or null.
const char* fault_of_profile_name(LPCWSTR name) noexcept;

/// The character's upper case. One table for every platform: a system's own depends on its version.
wchar_t upper_case(wchar_t character) noexcept;

/// What two names have in common that are the same without regard to case. Throws std::bad_alloc.
std::wstring upper_case(LPCWSTR name);

} // namespace offline_state
