#include "machine.h"

#include "dialogues.h"
#include "recorded_with.h"
#include "samples/addin/late_binding.h"

#include <windows.h>

#include <bcrypt.h>
#include <wrl/client.h>

#include <stdexcept>
#include <vector>

namespace offline_state_recorder {

namespace {

using Microsoft::WRL::ComPtr;
using offline_state_addin::call;
using offline_state_addin::get;
using offline_state_addin::Variant;
using Bytes = std::vector<unsigned char>;

void must_succeed(NTSTATUS status) {
    if (status != 0) {
        throw std::runtime_error("Windows' cryptography does not work");
    }
}

std::string hexadecimal(const Bytes& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        text += digits;
    }
    return text;
}

std::string sha256(std::string text) {
    BCRYPT_ALG_HANDLE algorithm = nullptr;
    BCRYPT_HASH_HANDLE hash = nullptr;
    must_succeed(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, nullptr, 0));
    Bytes digest(32);
    NTSTATUS status = BCryptCreateHash(algorithm, &hash, nullptr, 0, nullptr, 0, 0);
    if (status == 0) {
        status = BCryptHashData(hash, reinterpret_cast<PUCHAR>(text.data()), static_cast<ULONG>(text.size()), 0);
        if (status == 0) {
            status = BCryptFinishHash(hash, digest.data(), static_cast<ULONG>(digest.size()), 0);
        }
        BCryptDestroyHash(hash);
    }
    BCryptCloseAlgorithmProvider(algorithm, 0);
    must_succeed(status);
    return hexadecimal(digest);
}

std::wstring text_of(IDispatch* object, const wchar_t* name) {
    Variant value;
    return object != nullptr && SUCCEEDED(get(object, name, value)) && value.vt == VT_BSTR && value.bstrVal != nullptr
               ? std::wstring(value.bstrVal)
               : L"";
}

/// -1 where there is none.
long number_of(IDispatch* object, const wchar_t* name) {
    Variant value;
    return object != nullptr && SUCCEEDED(get(object, name, value)) &&
                   SUCCEEDED(VariantChangeType(&value, &value, 0, VT_I4))
               ? value.lVal
               : -1;
}

ComPtr<IDispatch> object_of(IDispatch* object, const wchar_t* name) {
    Variant value;
    return object != nullptr && SUCCEEDED(get(object, name, value)) && value.vt == VT_DISPATCH ? value.pdispVal
                                                                                               : nullptr;
}

/// The kind of the first account that is Exchange's, or else of the first one.
std::string kind_of_account(IDispatch* session, long exchange_mode) {
    const ComPtr<IDispatch> accounts = object_of(session, L"Accounts");
    if (!accounts) {
        return "unknown";
    }
    constexpr long exchange = 0; // OlAccountType
    constexpr long imap = 1;
    constexpr long pop = 2;
    const long count = number_of(accounts.Get(), L"Count");
    long first = -1;
    for (long i = 1; i <= count; ++i) {
        Variant index;
        index.vt = VT_I4;
        index.lVal = i;
        Variant account;
        if (FAILED(call(accounts.Get(), L"Item", index, account)) || account.vt != VT_DISPATCH) {
            return "unknown";
        }
        const long type = number_of(account.pdispVal, L"AccountType");
        if (type == exchange) { // OlExchangeConnectionMode: these three are without a cache
            const bool is_online = exchange_mode == 100 || exchange_mode == 300 || exchange_mode == 800;
            return exchange_mode <= 0 ? "unknown" : is_online ? "exchange online" : "exchange cached";
        }
        first = i == 1 ? type : first;
    }
    return count == 0 ? "none" : first == imap ? "imap" : first == pop ? "pop" : first == -1 ? "unknown" : "other";
}

/// Of Click-to-Run: the last part of the address that it updates from, a GUID that stands for the channel.
Json update_channel() {
    wchar_t text[256] = L"";
    DWORD size = sizeof text;
    if (RegGetValueW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration", L"CDNBaseUrl",
                     RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, nullptr, text, &size) != ERROR_SUCCESS) {
        return nullptr;
    }
    const std::wstring url = text;
    return utf8(url.substr(url.rfind(L'/') + 1));
}

std::string windows_version() {
    RTL_OSVERSIONINFOW version{};
    version.dwOSVersionInfoSize = sizeof version;
    // Unlike GetVersionEx it says the same to every program.
    const FARPROC function = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");
    reinterpret_cast<LONG(WINAPI*)(RTL_OSVERSIONINFOW*)>(reinterpret_cast<void*>(function))(&version);
    return std::to_string(version.dwMajorVersion) + "." + std::to_string(version.dwMinorVersion) + "." +
           std::to_string(version.dwBuildNumber);
}

std::string date_of_today() {
    SYSTEMTIME now;
    GetSystemTime(&now);
    char text[32];
    std::snprintf(text, sizeof text, "%04u-%02u-%02u", now.wYear, now.wMonth, now.wDay);
    return text;
}

std::string language() {
    wchar_t name[LOCALE_NAME_MAX_LENGTH] = L"";
    GetUserDefaultLocaleName(name, LOCALE_NAME_MAX_LENGTH);
    return utf8(name);
}

/// Without the user's own folder, whose name may be his.
std::wstring without_user(const std::wstring& path) {
    wchar_t folder[MAX_PATH] = L"";
    const DWORD length = GetEnvironmentVariableW(L"USERPROFILE", folder, MAX_PATH);
    if (length > 0 && length < MAX_PATH && _wcsnicmp(path.c_str(), folder, length) == 0 && path[length] == L'\\') {
        return L"%USERPROFILE%" + path.substr(length);
    }
    // Neither another user's folder, nor a server's name.
    return path.find(L"\\Users\\") != std::wstring::npos || path.compare(0, 2, L"\\\\") == 0
               ? L"(elsewhere)" + path.substr(path.rfind(L'\\'))
               : path;
}

Json version_of(const std::wstring& path) {
    DWORD ignored = 0;
    Bytes info(GetFileVersionInfoSizeW(path.c_str(), &ignored));
    void* found = nullptr;
    UINT length = 0;
    if (info.empty() || GetFileVersionInfoW(path.c_str(), 0, static_cast<DWORD>(info.size()), info.data()) == FALSE ||
        VerQueryValueW(info.data(), L"\\", &found, &length) == FALSE) {
        return nullptr;
    }
    const auto& fixed = *static_cast<const VS_FIXEDFILEINFO*>(found);
    std::string text;
    for (const DWORD part : {fixed.dwFileVersionMS, fixed.dwFileVersionLS}) {
        text += (text.empty() ? "" : ".") + std::to_string(part >> 16) + "." + std::to_string(part & 0xFFFF);
    }
    return text;
}

} // namespace

ProfileHash hash_of(const std::wstring& profile) {
    Bytes salt(16);
    must_succeed(
        BCryptGenRandom(nullptr, salt.data(), static_cast<ULONG>(salt.size()), BCRYPT_USE_SYSTEM_PREFERRED_RNG));
    return hash_of(profile, hexadecimal(salt));
}

ProfileHash hash_of(const std::wstring& profile, const std::string& salt) {
    return {salt, sha256(salt + utf8(profile))};
}

Json about_the_machine(IDispatch* application, const std::wstring& profile, const std::string& mode) {
    const ComPtr<IDispatch> session = object_of(application, L"Session");
    const long exchange_mode = number_of(session.Get(), L"ExchangeConnectionMode");
    const std::string build = utf8(text_of(application, L"Version"));
    const ProfileHash hash = hash_of(profile);
    return {{"line", "recording"},
            {"format", 1},
            {"recorder", {{"version", OFFLINE_STATE_VERSION}, {"commit", commit}}},
            {"specification", specification},
            {"date", date_of_today()},
            {"mode", mode},
            {"host",
             {{"name", is_outlook() ? "Outlook" : "Wine, not Outlook"},
              {"build", build.empty() ? "0.0" : build},
              {"channel", update_channel()},
              {"bits", static_cast<int>(sizeof(void*) * 8)}}},
            {"windows", windows_version()},
            {"language", language()},
            {"exchangeConnectionMode", exchange_mode < 0 ? Json(nullptr) : Json(exchange_mode)},
            {"account", kind_of_account(session.Get(), exchange_mode)},
            {"profile", hash.hash},
            {"salt", hash.salt}};
}

Json about_module(const wchar_t* name, HMODULE module) {
    Json line{{"line", "module"}, {"module", utf8(name)}, {"path", nullptr}, {"version", nullptr}};
    if (module != nullptr) {
        wchar_t path[32768] = L"";
        GetModuleFileNameW(module, path, 32768);
        line["path"] = utf8(without_user(path));
        line["version"] = version_of(path);
    }
    for (const char* const function : {"HrOpenOfflineObj", "HrOpenOfflineObj@20"}) {
        line["exports"][function] = module != nullptr && GetProcAddress(module, function) != nullptr;
    }
    return line;
}

} // namespace offline_state_recorder
