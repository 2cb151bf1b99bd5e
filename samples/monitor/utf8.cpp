// SPDX-License-Identifier: MIT
#include "utf8.h"

#include <cstddef>
#include <cstdint>

namespace offline_state_samples {

namespace {

void append(std::wstring& wide, std::uint32_t code_point) {
    if (sizeof(wchar_t) == 2 && code_point > 0xFFFF) {
        code_point -= 0x10000;
        wide += static_cast<wchar_t>(0xD800 + (code_point >> 10));
        wide += static_cast<wchar_t>(0xDC00 + (code_point & 0x3FF));
    } else {
        wide += static_cast<wchar_t>(code_point);
    }
}

} // namespace

std::optional<std::wstring> wide_from_utf8(std::string_view text) {
    std::wstring wide;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        // The lead byte tells how many bytes follow and which code point is the least that needs so many.
        const int following = lead < 0x80   ? 0
                              : lead < 0xC0 ? -1
                              : lead < 0xE0 ? 1
                              : lead < 0xF0 ? 2
                              : lead < 0xF8 ? 3
                                            : -1;
        constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (following < 0) {
            return std::nullopt;
        }
        std::uint32_t code_point = following == 0 ? lead : lead & (0x3Fu >> following);
        for (int k = 0; k < following; ++k) {
            if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
                return std::nullopt;
            }
            code_point = (code_point << 6) | (static_cast<unsigned char>(text[i++]) & 0x3Fu);
        }
        const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        if (code_point < least[following] || code_point > 0x10FFFF || surrogate) {
            return std::nullopt;
        }
        append(wide, code_point);
    }
    return wide;
}

} // namespace offline_state_samples
