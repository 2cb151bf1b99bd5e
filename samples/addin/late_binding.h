// SPDX-License-Identifier: MIT
// Outlook's object model by name, as a script uses it: no type library is needed.
#pragma once

#include <windows.h>

#include <oleauto.h>

namespace offline_state_addin {

struct Variant : VARIANT {
    Variant() { VariantInit(this); }
    ~Variant() { VariantClear(this); }
    Variant(const Variant&) = delete;
    Variant& operator=(const Variant&) = delete;
};

namespace details {

inline HRESULT invoke(IDispatch* object, const wchar_t* name, WORD flags, DISPPARAMS& arguments,
                      VARIANT& result) {
    auto* writable = const_cast<wchar_t*>(name); // it is [in], for all its type
    DISPID id = DISPID_UNKNOWN;
    const HRESULT found =
        object->GetIDsOfNames(IID_NULL, &writable, 1, LOCALE_USER_DEFAULT, &id);
    return FAILED(found) ? found
                         : object->Invoke(id, IID_NULL, LOCALE_USER_DEFAULT, flags, &arguments,
                                          &result, nullptr, nullptr);
}

} // namespace details

/// Reads a property.
/// @thread Outlook's main thread, as for its whole object model.
inline HRESULT get(IDispatch* object, const wchar_t* name, Variant& value) {
    DISPPARAMS none{};
    return details::invoke(object, name, DISPATCH_PROPERTYGET, none, value);
}

/// Calls a function with one argument.
/// @thread Outlook's main thread, as for its whole object model.
inline HRESULT call(IDispatch* object, const wchar_t* name, VARIANT& argument,
                    Variant& result) {
    DISPPARAMS one{&argument, nullptr, 1, 0};
    return details::invoke(object, name, DISPATCH_METHOD | DISPATCH_PROPERTYGET, one, result);
}

} // namespace offline_state_addin
