// An object of Outlook's object model, as far as the add-in asks for it: by name, through IDispatch.
#pragma once

#include "support/counted.h"

#include <windows.h>

#include <oleauto.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace offline_state_tests {

class FakeDispatch final : public Counted<FakeDispatch, IDispatch> {
public:
    /// What a property gives, or what a method does with its arguments.
    using Member = std::function<HRESULT(const DISPPARAMS& arguments, VARIANT* result)>;

    using Members = std::map<std::wstring, Member>;

    static ComPtr<FakeDispatch> create(Members members) { return Counted::create(std::move(members)); }
    explicit FakeDispatch(Members members) : members_(std::move(members)) {}

    static Member text(std::wstring value) {
        return [value = std::move(value)](const DISPPARAMS&, VARIANT* result) {
            result->vt = VT_BSTR;
            result->bstrVal = SysAllocString(value.c_str());
            return S_OK;
        };
    }

    /// Both are read at each call.
    static Member boolean(const bool& value) {
        return [&value](const DISPPARAMS&, VARIANT* result) {
            result->vt = VT_BOOL;
            result->boolVal = value ? VARIANT_TRUE : VARIANT_FALSE;
            return S_OK;
        };
    }

    static Member number(const long& value) {
        return [&value](const DISPPARAMS&, VARIANT* result) {
            result->vt = VT_I4;
            result->lVal = value;
            return S_OK;
        };
    }

    static Member object(ComPtr<IDispatch> value) {
        return [value = std::move(value)](const DISPPARAMS&, VARIANT* result) {
            result->vt = VT_DISPATCH;
            return value.CopyTo(&result->pdispVal);
        };
    }

    static Member unknown(ComPtr<IUnknown> value) {
        return [value = std::move(value)](const DISPPARAMS&, VARIANT* result) {
            result->vt = VT_UNKNOWN;
            return value.CopyTo(&result->punkVal);
        };
    }

    HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT* count) override {
        *count = 0;
        return S_OK;
    }
    HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT, LCID, ITypeInfo**) override { return E_NOTIMPL; }
    HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, LPOLESTR* names, UINT, LCID, DISPID* ids) override {
        const auto member = members_.find(names[0]);
        ids[0] = member == members_.end() ? DISPID_UNKNOWN
                                          : static_cast<DISPID>(std::distance(members_.begin(), member)) + 1;
        return member == members_.end() ? DISP_E_UNKNOWNNAME : S_OK;
    }
    HRESULT STDMETHODCALLTYPE Invoke(DISPID id, REFIID, LCID, WORD, DISPPARAMS* arguments, VARIANT* result, EXCEPINFO*,
                                     UINT*) override {
        return std::next(members_.begin(), id - 1)->second(*arguments, result);
    }

private:
    const Members members_;
};

} // namespace offline_state_tests
