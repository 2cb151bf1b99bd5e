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

/// Reads a property.
/// @thread Outlook's main thread, as for its whole object model.
inline HRESULT get(IDispatch* object, const wchar_t* name, Variant& value) {
    auto* writable = const_cast<wchar_t*>(name); // it is [in], for all its type
    DISPID id = DISPID_UNKNOWN;
    HRESULT result = object->GetIDsOfNames(IID_NULL, &writable, 1, LOCALE_USER_DEFAULT, &id);
    if (SUCCEEDED(result)) {
        DISPPARAMS none{};
        result = object->Invoke(id, IID_NULL, LOCALE_USER_DEFAULT, DISPATCH_PROPERTYGET, &none,
                                &value, nullptr, nullptr);
    }
    return result;
}

} // namespace offline_state_addin
