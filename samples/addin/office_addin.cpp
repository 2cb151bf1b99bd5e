// SPDX-License-Identifier: MIT
#include "office_addin.h"

#include <oleauto.h>

#include <cwchar>

namespace offline_state_addin {

HRESULT OfficeAddIn::QueryInterface(REFIID riid, void** ppvObject) {
    if (ppvObject == nullptr) {
        return E_POINTER;
    }
    *ppvObject = nullptr;
    if (riid == __uuidof(IUnknown) || riid == __uuidof(IDispatch) ||
        riid == __uuidof(IDTExtensibility2)) {
        *ppvObject = static_cast<IDTExtensibility2*>(this);
    } else if (riid == __uuidof(IRibbonExtensibility)) {
        *ppvObject = static_cast<IRibbonExtensibility*>(this);
    } else {
        return E_NOINTERFACE;
    }
    AddRef();
    return S_OK;
}

ULONG OfficeAddIn::Release() {
    const ULONG left = --references_;
    if (left == 0) {
        delete this;
    }
    return left;
}

// IDispatch

HRESULT OfficeAddIn::GetTypeInfoCount(UINT* count) {
    if (count == nullptr) {
        return E_POINTER;
    }
    *count = 0;
    return S_OK;
}

HRESULT OfficeAddIn::GetTypeInfo(UINT, LCID, ITypeInfo** info) {
    if (info != nullptr) {
        *info = nullptr;
    }
    return DISP_E_BADINDEX;
}

HRESULT OfficeAddIn::GetIDsOfNames(REFIID, LPOLESTR* names, UINT count, LCID, DISPID* ids) {
    if (names == nullptr || ids == nullptr || count == 0) {
        return E_INVALIDARG;
    }
    for (UINT i = 0; i < count; ++i) {
        ids[i] = DISPID_UNKNOWN; // a callback's arguments have no names
    }
    ids[0] = id_of(names[0]);
    return ids[0] != DISPID_UNKNOWN && count == 1 ? S_OK : DISP_E_UNKNOWNNAME;
}

HRESULT OfficeAddIn::Invoke(DISPID id, REFIID, LCID, WORD, DISPPARAMS* arguments,
                            VARIANT* result, EXCEPINFO*, UINT*) {
    return on_callback(id, arguments, result);
}

HRESULT OfficeAddIn::OnAddInsUpdate(SAFEARRAY**) {
    return S_OK;
}

// IRibbonExtensibility

HRESULT OfficeAddIn::GetCustomUI(BSTR RibbonID, BSTR* RibbonXml) {
    if (RibbonXml == nullptr) {
        return E_POINTER;
    }
    *RibbonXml = nullptr;
    // Outlook asks once for each kind of window. The group is in the main one.
    if (RibbonID == nullptr || std::wcscmp(RibbonID, L"Microsoft.Outlook.Explorer") != 0) {
        return S_OK;
    }
    *RibbonXml = SysAllocString(ribbon_xml_);
    return *RibbonXml != nullptr ? S_OK : E_OUTOFMEMORY;
}

} // namespace offline_state_addin
