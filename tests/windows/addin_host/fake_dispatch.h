// An object of Outlook's object model, as far as the add-in asks for it: by name, through IDispatch.
#pragma once

#include <windows.h>

#include <oleauto.h>
#include <wrl/client.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace offline_state_tests {

using Microsoft::WRL::ComPtr;

class FakeDispatch final : public IDispatch {
public:
    /// What a property gives, or what a method does with its arguments.
    using Member = std::function<HRESULT(const DISPPARAMS& arguments, VARIANT* result)>;

    static ComPtr<FakeDispatch> create(std::map<std::wstring, Member> members) {
        ComPtr<FakeDispatch> object;
        *object.GetAddressOf() = new FakeDispatch(std::move(members));
        return object;
    }

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
            value.CopyTo(&result->pdispVal);
            return S_OK;
        };
    }

    static Member unknown(ComPtr<IUnknown> value) {
        return [value = std::move(value)](const DISPPARAMS&, VARIANT* result) {
            result->vt = VT_UNKNOWN;
            value.CopyTo(&result->punkVal);
            return S_OK;
        };
    }

    ULONG references() const { return references_; }

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const bool known = riid == __uuidof(IUnknown) || riid == __uuidof(IDispatch);
        *ppvObject = known ? this : nullptr;
        return known ? (AddRef(), S_OK) : E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
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
    explicit FakeDispatch(std::map<std::wstring, Member> members) : members_(std::move(members)) {}
    ~FakeDispatch() = default;

    std::atomic<ULONG> references_{1};
    const std::map<std::wstring, Member> members_;
};

} // namespace offline_state_tests
