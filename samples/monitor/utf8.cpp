// SPDX-License-Identifier: MIT
#include "utf8.h"

#include <cstddef>
#include <cstdint>

namespace offline_state_samples {

namespace {

/// How the code points of one length are encoded: the lead byte, the bytes behind it, the least code point.
struct Form {
    std::uint32_t lead_mask;
    std::uint32_t lead;
    std::size_t following;
    std::uint32_t least; ///< a smaller one has a shorter form, and must use it
};

constexpr Form forms[] = {{0x80, 0x00, 0, 0}, {0xE0, 0xC0, 1, 0x80}, {0xF0, 0xE0, 2, 0x800}, {0xF8, 0xF0, 3, 0x10000}};

std::uint32_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

/// Reads the code point at `i` and moves `i` behind it.
std::optional<std::uint32_t> next_code_point(std::string_view text, std::size_t& i) {
    const std::uint32_t lead = byte_at(text, i++);
    for (const Form& form : forms) {
        if ((lead & form.lead_mask) != form.lead) {
            continue;
        }
        std::uint32_t code_point = lead & ~form.lead_mask;
        for (std::size_t k = 0; k < form.following; ++k) {
            if (i == text.size() || (byte_at(text, i) & 0xC0U) != 0x80U) {
                return std::nullopt;
            }
            code_point = (code_point << 6U) | (byte_at(text, i++) & 0x3FU);
        }
        const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        if (code_point < form.least || code_point > 0x10FFFF || surrogate) {
            return std::nullopt;
        }
        return code_point;
    }
    return std::nullopt;
}

void append(std::wstring& wide, std::uint32_t code_point) {
    if (sizeof(wchar_t) == 2 && code_point > 0xFFFF) {
        code_point -= 0x10000;
        wide += static_cast<wchar_t>(0xD800 + (code_point >> 10U));
        wide += static_cast<wchar_t>(0xDC00 + (code_point & 0x3FFU));
    } else {
        wide += static_cast<wchar_t>(code_point);
    }
}

} // namespace

std::optional<std::wstring> wide_from_utf8(std::string_view text) {
    std::wstring wide;
    for (std::size_t i = 0; i < text.size();) {
        const auto code_point = next_code_point(text, i);
        if (!code_point) {
            return std::nullopt;
        }
        append(wide, *code_point);
    }
    return wide;
}

} // namespace offline_state_samples
