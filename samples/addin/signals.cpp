// SPDX-License-Identifier: MIT
#include "signals.h"

#include "late_binding.h"

#include <algorithm>
#include <iterator>

namespace offline_state_addin {

namespace {

std::wstring in_words(Says answer, const std::wstring& what) {
    return answer == Says::nothing ? L"" : (answer == Says::no ? L", not " : L", ") + what;
}

std::wstring in_words(long value) {
    const auto* const mode =
        std::find_if(std::begin(connection_modes), std::end(connection_modes),
                     [value](const ConnectionMode& each) { return each.value == value; });
    if (mode == std::end(connection_modes)) {
        return std::to_wstring(value) + L" (not documented)";
    }
    return std::to_wstring(value) + L" (" + mode->name +
           in_words(mode->work_offline, L"Work Offline") +
           in_words(mode->connected, L"connected") + L")";
}

} // namespace

// [read]
std::wstring object_model_signals(IDispatch* session) {
    Variant offline;
    const bool has_offline = session != nullptr &&
                             SUCCEEDED(get(session, L"Offline", offline)) &&
                             offline.vt == VT_BOOL;
    Variant mode;
    const bool has_mode = session != nullptr &&
                          SUCCEEDED(get(session, L"ExchangeConnectionMode", mode)) &&
                          SUCCEEDED(VariantChangeType(&mode, &mode, 0, VT_I4));
    return std::wstring(L"NameSpace.Offline ") +
           (!has_offline                       ? L"cannot be read"
            : offline.boolVal != VARIANT_FALSE ? L"True"
                                               : L"False") +
           L"; ExchangeConnectionMode " + (has_mode ? in_words(mode.lVal) : L"cannot be read");
}
// [/read]

} // namespace offline_state_addin
