// SPDX-License-Identifier: MIT
// The COM object that Outlook creates: an add-in (IDTExtensibility2) with a group on the ribbon
// (IRibbonExtensibility).
#pragma once

#include "addin_interfaces.h"
#include "commands.h"
#include "log.h"

#include <wrl/client.h>

#include <atomic>
#include <memory>
#include <string>

namespace offline_state_addin {

/// @thread Outlook's main thread: Outlook creates and calls an add-in there, and releases it
/// there.
class OfflineStateAddIn final : public IDTExtensibility2, public IRibbonExtensibility {
public:
    OfflineStateAddIn() = default;

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override;
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override;

    // IDispatch, by which the ribbon calls back by name.
    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT* count) override;
    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT index, LCID locale, ITypeInfo** info) override;
    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID riid, LPOLESTR* names, UINT count,
                                            LCID locale, DISPID* ids) override;
    HRESULT STDMETHODCALLTYPE Invoke(DISPID id, REFIID riid, LCID locale, WORD flags,
                                     DISPPARAMS* arguments, VARIANT* result,
                                     EXCEPINFO* exception, UINT* bad_argument) override;

    HRESULT STDMETHODCALLTYPE OnConnection(IDispatch* Application, ext_ConnectMode ConnectMode,
                                           IDispatch* AddInInst, SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnDisconnection(ext_DisconnectMode RemoveMode,
                                              SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnAddInsUpdate(SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnStartupComplete(SAFEARRAY** custom) override;
    HRESULT STDMETHODCALLTYPE OnBeginShutdown(SAFEARRAY** custom) override;

    HRESULT STDMETHODCALLTYPE GetCustomUI(BSTR RibbonID, BSTR* RibbonXml) override;

private:
    ~OfflineStateAddIn() = default; // by Release

    void changed(const std::wstring& state);
    void log_signals(const std::wstring& state);
    void show(std::wstring state);

    std::atomic<ULONG> references_{1};
    const std::shared_ptr<Log> log_ = std::make_shared<Log>(); // keeps the DLL loaded, too
    Commands commands_{log_, [this](const std::wstring& state) { changed(state); }};
    Microsoft::WRL::ComPtr<IDispatch> session_; // Outlook's NameSpace object
    Microsoft::WRL::ComPtr<IDispatch> ribbon_;  // IRibbonUI, to have the label drawn anew
    std::wstring label_ = L"not asked yet";
};

} // namespace offline_state_addin
