#include "profile_name.h"

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

std::wstring upper_case(LPCWSTR name) {
    std::wstring text = name;
    const int length = static_cast<int>(text.size());
    LCMapStringEx(LOCALE_NAME_INVARIANT, LCMAP_UPPERCASE, text.data(), length, text.data(), length, nullptr, nullptr,
                  0);
    return text;
}

#else

std::wstring upper_case(LPCWSTR name) {
    // "C.UTF-8" brings Unicode's simple case mapping and nothing of the user's language. A system without it maps
    // ASCII.
    static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    std::wstring text = name;
    for (wchar_t& character : text) {
        const auto wide = static_cast<std::wint_t>(character);
        character = static_cast<wchar_t>(unicode != nullptr ? towupper_l(wide, unicode) : std::towupper(wide));
    }
    return text;
}

#endif

} // namespace offline_state
