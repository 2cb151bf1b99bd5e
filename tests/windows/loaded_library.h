// DLLs that lie in places relative to this program, and what of them is loaded.
#pragma once

#include <windows.h>

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
