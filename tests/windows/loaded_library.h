// DLLs in places relative to this program.
#pragma once

#include <mapioffline.h>

#include <windows.h>

#include <gtest/gtest.h>
#include <wrl/client.h>

#include <chrono>
#include <string>
#include <thread>

namespace offline_state_tests {

inline std::wstring from_this_program(const std::wstring& relative_path) {
    std::wstring path(32768, L'\0');
    path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
    return path.substr(0, path.rfind(L'\\') + 1) + relative_path;
}

/// Waits until it is unloaded. Windows has no event for that, so this asks again and again.
inline bool is_gone(const wchar_t* name) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (GetModuleHandleW(name) != nullptr) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

/// A function of the module, or null.
template <class Function>
Function* find(HMODULE module, const char* name) {
    // By way of void*, or g++ warns that the types differ, which they do for every function that is looked up.
    return reinterpret_cast<Function*>(reinterpret_cast<void*>(GetProcAddress(module, name)));
}

/// Plays Outlook's part by nothing but the module's exports: the profile's object.
inline Microsoft::WRL::ComPtr<IMAPIOfflineMgr> create_object(HMODULE module, LPCWSTR profile) {
    MAPIOFFLINE_CREATEINFO info{};
    info.ulSize = sizeof info;
    info.pwszProfileName = profile;
    info.ulCapabilities = MAPIOFFLINE_CAPABILITY_OFFLINE | MAPIOFFLINE_CAPABILITY_ONLINE;
    info.pGUID = &GUID_GlobalState;
    Microsoft::WRL::ComPtr<IMAPIOfflineMgr> object;
    EXPECT_EQ(S_OK, find<HRCREATEOFFLINEOBJ>(module, "HrCreateOfflineObj")(0, &info, object.GetAddressOf()));
    return object;
}

class LoadedLibrary {
public:
    /// @param relative_path From this program's folder.
    explicit LoadedLibrary(const std::wstring& relative_path)
        : module_(LoadLibraryW(from_this_program(relative_path).c_str())) {}
    ~LoadedLibrary() {
        if (module_ != nullptr) {
            FreeLibrary(module_);
        }
    }
    LoadedLibrary(const LoadedLibrary&) = delete;
    LoadedLibrary& operator=(const LoadedLibrary&) = delete;

    HMODULE get() const { return module_; }

private:
    const HMODULE module_;
};

} // namespace offline_state_tests
