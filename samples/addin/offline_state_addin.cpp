// SPDX-License-Identifier: MIT
#include "offline_state_addin.h"

#include "late_binding.h"
#include "module.h"
#include "profile_name.h"
#include "signals.h"

#include <oleauto.h>

#include <utility>

namespace offline_state_addin {

namespace {

/// No exception may cross into Outlook.
template <class Action>
HRESULT guarded(Log& log, const wchar_t* what, Action action) noexcept {
    try {
        return action();
    } catch (...) { // no memory, or no thread
        try {
            log.line(std::wstring(what) + L" has failed.");
        } catch (...) { // nor any to say so
        }
        return E_FAIL;
    }
}

} // namespace

const Identity& this_addin() {
    return sample_addin;
}

IDTExtensibility2* create_addin() {
    return new OfflineStateAddIn;
}

DISPID OfflineStateAddIn::id_of(const wchar_t* name) const {
    return callback_id(name);
}

HRESULT OfflineStateAddIn::on_callback(DISPID id, DISPPARAMS* arguments, VARIANT* result) {
    return guarded(*log_, L"A command of the ribbon", [&]() -> HRESULT {
        switch (id) {
        case on_ribbon_load:
            if (arguments == nullptr || arguments->cArgs != 1 ||
                arguments->rgvarg[0].vt != VT_DISPATCH) {
                return DISP_E_BADPARAMCOUNT;
            }
            ribbon_ = arguments->rgvarg[0].pdispVal;
            return S_OK;
        case on_get_state_label:
            if (result == nullptr) {
                return E_POINTER;
            }
            result->vt = VT_BSTR;
            result->bstrVal = SysAllocString((L"State: " + label_).c_str());
            return result->bstrVal != nullptr ? S_OK : E_OUTOFMEMORY;
        case on_init_monitor:
            commands_.init();
            return S_OK;
        case on_deinit_monitor:
            commands_.deinit();
            return S_OK;
        case on_get_current_state:
            show(commands_.current_state());
            log_signals(label_);
            return S_OK;
        case on_set_current_state:
            show(commands_.toggle_state());
            return S_OK;
        default:
            return DISP_E_MEMBERNOTFOUND;
        }
    });
}

// [changed]
/// On the main thread, where the object model may be used.
void OfflineStateAddIn::changed(const std::wstring& state) {
    const Microsoft::WRL::ComPtr<IUnknown> alive(static_cast<IDTExtensibility2*>(this));
    show(state);
    log_signals(commands_.state());
}

/// All three, side by side.
void OfflineStateAddIn::log_signals(const std::wstring& state) {
    log_->line(L"Signals: Offline State API " + state + L"; " +
               object_model_signals(session_.Get()));
}
// [/changed]

void OfflineStateAddIn::show(std::wstring state) {
    label_ = std::move(state);
    if (!ribbon_) {
        return;
    }
    Variant control;
    control.vt = VT_BSTR;
    control.bstrVal = SysAllocString(state_label_id);
    Variant nothing;
    call(ribbon_.Get(), L"InvalidateControl", control, nothing);
}

// IDTExtensibility2

HRESULT OfflineStateAddIn::OnConnection(IDispatch* Application, ext_ConnectMode ConnectMode,
                                        IDispatch*, SAFEARRAY**) {
    return guarded(*log_, L"OnConnection", [&] {
        log_->line(L"OnConnection, mode " + std::to_wstring(static_cast<int>(ConnectMode)));
        // Without the library the add-in stays and tries again: if this failed, Outlook would
        // only switch it off.
        Variant session;
        if (Application != nullptr && SUCCEEDED(get(Application, L"Session", session)) &&
            session.vt == VT_DISPATCH) {
            session_ = session.pdispVal;
        }
        commands_.connect([this] { return profile_name(session_.Get()); });
        return S_OK;
    });
}

// [disconnect]
HRESULT OfflineStateAddIn::OnBeginShutdown(SAFEARRAY**) {
    return guarded(*log_, L"OnBeginShutdown", [&] {
        log_->line(L"OnBeginShutdown");
        commands_.disconnect(); // OnDisconnection may come too late, or not at all
        session_.Reset();
        return S_OK;
    });
}

HRESULT OfflineStateAddIn::OnDisconnection(ext_DisconnectMode RemoveMode, SAFEARRAY**) {
    return guarded(*log_, L"OnDisconnection", [&] {
        log_->line(L"OnDisconnection, mode " + std::to_wstring(static_cast<int>(RemoveMode)));
        commands_.disconnect(); // a second time does no harm
        session_.Reset();
        ribbon_.Reset(); // with the last reference the group goes, too
        return S_OK;
    });
}
// [/disconnect]

HRESULT OfflineStateAddIn::OnStartupComplete(SAFEARRAY**) {
    return guarded(*log_, L"OnStartupComplete", [&] {
        log_->line(L"OnStartupComplete");
        commands_.try_again();
        return S_OK;
    });
}

} // namespace offline_state_addin
