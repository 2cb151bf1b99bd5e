// SPDX-License-Identifier: MIT
// What COM and Office want of an add-in, whatever it does: references, callbacks by name
// (IDispatch), and a group on the ribbon of Outlook's main window (IRibbonExtensibility).
#pragma once

#include "addin_interfaces.h"

#include <atomic>

namespace offline_state_addin {

/// @thread Outlook's main thread: Outlook creates and calls an add-in there, and releases it
/// there.
class OfficeAddIn : public IDTExtensibility2, public IRibbonExtensibility {
public:
    OfficeAddIn(const OfficeAddIn&) = delete;
    OfficeAddIn& operator=(const OfficeAddIn&) = delete;

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

    HRESULT STDMETHODCALLTYPE OnAddInsUpdate(SAFEARRAY** custom) override;

    HRESULT STDMETHODCALLTYPE GetCustomUI(BSTR RibbonID, BSTR* RibbonXml) override;

protected:
    /// @param ribbon_xml The group. It must outlive the add-in.
    explicit OfficeAddIn(const wchar_t* ribbon_xml) : ribbon_xml_(ribbon_xml) {}
    virtual ~OfficeAddIn() = default; // by Release

private:
    /// The number of a callback that the group names, or DISPID_UNKNOWN.
    virtual DISPID id_of(const wchar_t* name) const = 0;

    /// A callback. No exception may leave it.
    virtual HRESULT on_callback(DISPID id, DISPPARAMS* arguments, VARIANT* result) = 0;

    std::atomic<ULONG> references_{1};
    const wchar_t* const ribbon_xml_;
};

} // namespace offline_state_addin
