#include "profile_name.h"

#include <algorithm>

#ifdef _WIN32
#include <windows.h>
#else
#include <clocale>
#include <cwctype>
#endif

namespace offline_state {

std::size_t profile_name_length(LPCWSTR name) noexcept {
    std::size_t length = 0;
    while (length <= max_profile_name_length && name[length] != L'\0') {
        ++length;
    }
    return length;
}

bool is_valid_profile_name(LPCWSTR name) noexcept {
    if (name == nullptr) {
        return false;
    }
    const std::size_t length = profile_name_length(name);
    return length > 0 && length <= max_profile_name_length;
}

#ifdef _WIN32

bool ProfileNameLess::operator()(const std::wstring& left, const std::wstring& right) const noexcept {
    return CompareStringOrdinal(left.c_str(), static_cast<int>(left.size()), right.c_str(),
                                static_cast<int>(right.size()), TRUE) == CSTR_LESS_THAN;
}

#else

namespace {

// "C.UTF-8" brings Unicode's simple case mapping and nothing of the user's language. A system without it maps ASCII.
std::wint_t upper_case(wchar_t character) noexcept {
    static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    const auto wide = static_cast<std::wint_t>(character);
    return unicode != nullptr ? towupper_l(wide, unicode) : std::towupper(wide);
}

} // namespace

bool ProfileNameLess::operator()(const std::wstring& left, const std::wstring& right) const noexcept {
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                        [](wchar_t a, wchar_t b) { return upper_case(a) < upper_case(b); });
}

#endif

} // namespace offline_state
