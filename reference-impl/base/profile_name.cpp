#include "profile_name.h"

#include "upper_case_letters.h"

#include <algorithm>
#include <iterator>

namespace offline_state {

namespace {

/// wchar_t may be signed.
std::uint32_t number_of(wchar_t unit) noexcept {
    return static_cast<std::uint32_t>(unit);
}

/// Always true where wchar_t has two bytes. Where it has four, false for most UTF-16 text that is passed by mistake.
bool is_character(wchar_t unit) noexcept {
    return number_of(unit) <= 0x10FFFF;
}

/// As two units in UTF-16, so that a name is valid on all platforms or on none.
bool counts_twice(wchar_t character) noexcept {
    return number_of(character) > 0xFFFF;
}

} // namespace

std::size_t profile_name_length(LPCWSTR name) noexcept {
    std::size_t length = 0;
    while (length <= max_profile_name_length && name[length] != L'\0' && is_character(name[length])) {
        ++length;
    }
    return length;
}

const char* fault_of_profile_name(LPCWSTR name) noexcept {
    constexpr const char* wrong_length = "the profile's name is null, empty or longer than 64 characters";
    if (name == nullptr) {
        return wrong_length;
    }
    const std::size_t length = profile_name_length(name);
    if (length > max_profile_name_length) {
        return wrong_length;
    }
    if (!is_character(name[length])) {
        return "the profile's name has a unit above 0x10FFFF: probably 2-byte units where wchar_t has 4";
    }
    const auto twice = static_cast<std::size_t>(std::count_if(name, name + length, counts_twice));
    return length == 0 || length + twice > max_profile_name_length ? wrong_length : nullptr;
}

wchar_t upper_case(wchar_t character) noexcept {
    const std::uint32_t unit = number_of(character);
    if (unit <= 0x7F) { // most names have nothing else: no search
        return unit >= 'a' && unit <= 'z' ? static_cast<wchar_t>(unit - 'a' + 'A') : character;
    }
    const auto letters = std::lower_bound(std::begin(lower_case_letters), std::end(lower_case_letters), unit,
                                          [](const Letters& run, std::uint32_t wanted) { return run.last < wanted; });
    if (letters == std::end(lower_case_letters) || unit < letters->first ||
        (unit - letters->first) % letters->step != 0) {
        return character;
    }
    return static_cast<wchar_t>(letters->upper_case_of_first + (unit - letters->first));
}

std::wstring upper_case(LPCWSTR name) {
    std::wstring text = name;
    for (wchar_t& character : text) {
        character = upper_case(character);
    }
    return text;
}

} // namespace offline_state
