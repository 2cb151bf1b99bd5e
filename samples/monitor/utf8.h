// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offline_state_samples {

/// The text as the wide characters that MAPI takes (UTF-16 where wchar_t has 2 bytes, else UTF-32), or
/// nothing when it is not valid UTF-8. Does not depend on the locale.
std::optional<std::wstring> wide_from_utf8(std::string_view text);

} // namespace offline_state_samples
