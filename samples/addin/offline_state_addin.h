// SPDX-License-Identifier: MIT
// The add-in that Outlook creates: when it begins and ends, and what its buttons do.
#pragma once

#include "commands.h"
#include "log.h"
#include "office_addin.h"
#include "ribbon.h"

#include <wrl/client.h>

#include <memory>
#include <string>

namespace offline_state_addin {

/// @thread Outlook's main thread: Outlook creates and calls an add-in there, and releases it
/// there.
class OfflineStateAddIn final : public OfficeAddIn {
public:
    OfflineStateAddIn() : OfficeAddIn(ribbon_xml) {}

    HRESULT STDMETHODCALLTYPE OnConnection(IDispatch* Application, ext_ConnectMode ConnectMode,
                                           IDispatch* AddInInst, SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnDisconnection(ext_DisconnectMode RemoveMode,
                                              SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnStartupComplete(SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnBeginShutdown(SAFEARRAY** custom) override;

private:
    ~OfflineStateAddIn() override = default; // by Release

    DISPID id_of(const wchar_t* name) const override;
    HRESULT on_callback(DISPID id, DISPPARAMS* arguments, VARIANT* result) override;

    void changed(const std::wstring& state);
    void log_signals(const std::wstring& state);
    void show(std::wstring state);

    const std::shared_ptr<Log> log_ = std::make_shared<Log>(); // keeps the DLL loaded, too
    Commands commands_{log_, [this](const std::wstring& state) { changed(state); }};
    Microsoft::WRL::ComPtr<IDispatch> session_; // Outlook's NameSpace object
    Microsoft::WRL::ComPtr<IDispatch> ribbon_;  // IRibbonUI, to have the label drawn anew
    std::wstring label_ = L"not asked yet";
};

} // namespace offline_state_addin
