// SPDX-License-Identifier: MIT
#include "module.h"

#include <objbase.h>

namespace offline_state_addin {

namespace {

constexpr DWORD load_at_startup = 3;

HKEY root_of(Scope scope) {
    return scope == Scope::machine ? HKEY_LOCAL_MACHINE : HKEY_CURRENT_USER;
}

std::wstring class_id_text() {
    wchar_t text[39] = L""; // "{…}" and its end
    StringFromGUID2(this_addin().class_id, text, 39);
    return text;
}

std::wstring class_key() {
    return L"Software\\Classes\\CLSID\\" + class_id_text();
}

std::wstring prog_id_key() {
    return std::wstring(L"Software\\Classes\\") + this_addin().prog_id;
}

std::wstring addin_key() {
    return std::wstring(L"Software\\Microsoft\\Office\\Outlook\\Addins\\") +
           this_addin().prog_id;
}

LSTATUS set_text(HKEY root, const std::wstring& key, const wchar_t* name,
                 const std::wstring& text) {
    return RegSetKeyValueW(root, key.c_str(), name, REG_SZ, text.c_str(),
                           static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t)));
}

LSTATUS set_number(HKEY root, const std::wstring& key, const wchar_t* name, DWORD number) {
    return RegSetKeyValueW(root, key.c_str(), name, REG_DWORD, &number, sizeof number);
}

} // namespace

HRESULT register_addin(Scope scope, const std::wstring& dll_path) {
    const HKEY root = root_of(scope);
    const std::wstring server = class_key() + L"\\InprocServer32";
    LSTATUS status = set_text(root, class_key(), nullptr, this_addin().friendly_name);
    const auto then = [&status](LSTATUS next) {
        status = status == ERROR_SUCCESS ? next : status;
    };
    then(set_text(root, class_key() + L"\\ProgID", nullptr, this_addin().prog_id));
    then(set_text(root, server, nullptr, dll_path));
    then(set_text(root, server, L"ThreadingModel", L"Apartment"));
    then(set_text(root, prog_id_key(), nullptr, this_addin().friendly_name));
    then(set_text(root, prog_id_key() + L"\\CLSID", nullptr, class_id_text()));
    // [addin-keys]
    then(set_text(root, addin_key(), L"FriendlyName", this_addin().friendly_name));
    then(set_text(root, addin_key(), L"Description", this_addin().description));
    then(set_number(root, addin_key(), L"LoadBehavior", load_at_startup));
    then(set_number(root, addin_key(), L"CommandLineSafe", 0)); // it has a user interface
    // [/addin-keys]
    if (status != ERROR_SUCCESS) {
        unregister_addin(scope);
    }
    return HRESULT_FROM_WIN32(static_cast<DWORD>(status));
}

HRESULT unregister_addin(Scope scope) {
    LSTATUS first_failure = ERROR_SUCCESS;
    for (const std::wstring& key : {addin_key(), prog_id_key(), class_key()}) {
        const LSTATUS status = RegDeleteTreeW(root_of(scope), key.c_str());
        if (status != ERROR_SUCCESS && status != ERROR_FILE_NOT_FOUND &&
            first_failure == ERROR_SUCCESS) {
            first_failure = status;
        }
    }
    return HRESULT_FROM_WIN32(static_cast<DWORD>(first_failure));
}

} // namespace offline_state_addin
