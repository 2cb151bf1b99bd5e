// What all COM objects of the tests share.
#pragma once

#include <mapioffline.h>

#include <wrl/client.h>

#include <atomic>
#include <utility>

namespace offline_state_tests {

using Microsoft::WRL::ComPtr;

/// Counts references and ends with the last of them.
/// @tparam Derived  The class itself, which is final.
template <class Derived, class Interface>
class CountedReferences : public Interface {
public:
    template <class... Arguments>
    static ComPtr<Derived> create(Arguments&&... arguments) {
        ComPtr<Derived> object;
        *object.GetAddressOf() = new Derived(std::forward<Arguments>(arguments)...);
        return object;
    }

    /// How many of them there are.
    static int alive() { return alive_; }

    ULONG references() const { return references_; }

    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete static_cast<Derived*>(this);
        }
        return left;
    }

protected:
    CountedReferences() { ++alive_; } // NOLINT(bugprone-crtp-constructor-accessibility): Counted derives from it too
    ~CountedReferences() { --alive_; }

private:
    static inline std::atomic<int> alive_{0};
    std::atomic<ULONG> references_{1};
};

/// The same with one interface beside IUnknown.
template <class Derived, class Interface>
class Counted : public CountedReferences<Derived, Interface> { // NOLINT(bugprone-crtp-constructor-accessibility)
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const bool has_it = riid == __uuidof(IUnknown) || riid == __uuidof(Interface);
        *ppvObject = has_it ? static_cast<Interface*>(this) : nullptr;
        return has_it ? (CountedReferences<Derived, Interface>::AddRef(), S_OK) : E_NOINTERFACE;
    }
};

/// An object whose methods without a meaning give one result.
template <HRESULT result>
class WithoutPlaceholders : public IMAPIOfflineMgr {
public:
    HRESULT STDMETHODCALLTYPE Placeholder6() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder9() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder10() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder11() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder12() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder13() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder14() override { return result; }
    HRESULT STDMETHODCALLTYPE Placeholder15() override { return result; }

protected:
    ~WithoutPlaceholders() = default;
};

} // namespace offline_state_tests
