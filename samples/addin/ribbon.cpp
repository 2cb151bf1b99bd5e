// SPDX-License-Identifier: MIT
#include "ribbon.h"

#include <cwchar>

namespace offline_state_addin {

DISPID callback_id(const wchar_t* name) {
    constexpr struct {
        const wchar_t* name;
        CallbackId id;
    } callbacks[] = {
        {L"OnRibbonLoad", on_ribbon_load},
        {L"OnGetStateLabel", on_get_state_label},
        {L"OnInitMonitor", on_init_monitor},
        {L"OnDeinitMonitor", on_deinit_monitor},
        {L"OnGetCurrentState", on_get_current_state},
        {L"OnSetCurrentState", on_set_current_state},
    };
    for (const auto& callback : callbacks) {
        if (name != nullptr && _wcsicmp(name, callback.name) == 0) {
            return callback.id;
        }
    }
    return DISPID_UNKNOWN;
}

} // namespace offline_state_addin
