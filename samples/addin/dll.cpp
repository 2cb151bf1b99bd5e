// SPDX-License-Identifier: MIT
// What COM and regsvr32 call.
#include "module.h"

#include <atomic>
#include <cwchar>
#include <new>

namespace offline_state_addin {

namespace {

std::atomic<long> objects_and_locks{0};
HMODULE this_dll = nullptr;

std::wstring path_of_this_dll() {
    std::wstring path(32768, L'\0'); // as long as a path can be
    path.resize(GetModuleFileNameW(this_dll, path.data(), static_cast<DWORD>(path.size())));
    return path;
}

/// No exception may cross into COM.
template <class Action>
HRESULT without_exceptions(Action action) noexcept {
    try {
        return action();
    } catch (const std::bad_alloc&) {
        return E_OUTOFMEMORY;
    } catch (...) {
        return E_FAIL;
    }
}

/// There is one, for as long as the DLL is loaded: it need not count its references.
class ClassFactory final : public IClassFactory {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (ppvObject == nullptr) {
            return E_POINTER;
        }
        const bool known = riid == __uuidof(IUnknown) || riid == __uuidof(IClassFactory);
        *ppvObject = known ? this : nullptr;
        if (!known) {
            return E_NOINTERFACE;
        }
        AddRef();
        return S_OK;
    }
    // A caller that holds it keeps the DLL.
    ULONG STDMETHODCALLTYPE AddRef() override {
        object_created();
        return 2;
    }
    ULONG STDMETHODCALLTYPE Release() override {
        object_destroyed();
        return 1;
    }

    HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID riid,
                                             void** ppvObject) override {
        if (ppvObject == nullptr) {
            return E_POINTER;
        }
        *ppvObject = nullptr;
        if (outer != nullptr) {
            return CLASS_E_NOAGGREGATION;
        }
        return without_exceptions([&] {
            IDTExtensibility2* const addin = create_addin();
            const HRESULT result = addin->QueryInterface(riid, ppvObject);
            addin->Release();
            return result;
        });
    }

    HRESULT STDMETHODCALLTYPE LockServer(BOOL lock) override {
        lock != FALSE ? object_created() : object_destroyed();
        return S_OK;
    }
};

ClassFactory class_factory;

} // namespace

void object_created() {
    ++objects_and_locks;
}

void object_destroyed() {
    --objects_and_locks;
}

} // namespace offline_state_addin

using namespace offline_state_addin;

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID) {
    if (reason == DLL_PROCESS_ATTACH) {
        this_dll = instance;
    }
    return TRUE;
}

STDAPI DllGetClassObject(REFCLSID rclsid, REFIID riid, LPVOID* ppv) {
    if (ppv == nullptr) {
        return E_POINTER;
    }
    *ppv = nullptr;
    return rclsid == this_addin().class_id ? class_factory.QueryInterface(riid, ppv)
                                           : CLASS_E_CLASSNOTAVAILABLE;
}

STDAPI DllCanUnloadNow() {
    return objects_and_locks == 0 ? S_OK : S_FALSE;
}

// regsvr32: for everybody who uses this machine.
STDAPI DllRegisterServer() {
    return without_exceptions(
        [] { return register_addin(Scope::machine, path_of_this_dll()); });
}

STDAPI DllUnregisterServer() {
    return without_exceptions([] { return unregister_addin(Scope::machine); });
}

// regsvr32 /n /i:user: for the user who asks, who need not be an administrator.
STDAPI DllInstall(BOOL bInstall, LPCWSTR pszCmdLine) {
    return without_exceptions([&]() -> HRESULT {
        if (pszCmdLine == nullptr ||
            (_wcsicmp(pszCmdLine, L"user") != 0 && *pszCmdLine != L'\0')) {
            return E_INVALIDARG;
        }
        const Scope scope = *pszCmdLine != L'\0' ? Scope::user : Scope::machine;
        return bInstall != FALSE ? register_addin(scope, path_of_this_dll())
                                 : unregister_addin(scope);
    });
}
