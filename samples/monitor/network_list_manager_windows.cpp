// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "stop_windows.h"

#include <netlistmgr.h>
#include <ocidl.h>
#include <wrl/client.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace offline_state_samples {

namespace {

using Microsoft::WRL::ComPtr;

void check(HRESULT result, const char* what) {
    if (FAILED(result)) {
        throw std::runtime_error(std::string("the Network List Manager fails: ") + what);
    }
}

/// COM on this thread, for as long as it lives; its events come on COM's own threads.
class ComApartment {
public:
    ComApartment() { check(CoInitializeEx(nullptr, COINIT_MULTITHREADED), "CoInitializeEx"); }
    ~ComApartment() { CoUninitialize(); }
    ComApartment(const ComApartment&) = delete;
    ComApartment& operator=(const ComApartment&) = delete;
};

/// Sets an event when the connectivity has changed.
class ConnectivityEvents final : public INetworkListManagerEvents {
public:
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        if (ppvObject == nullptr) {
            return E_POINTER;
        }
        *ppvObject = nullptr;
        if (riid != __uuidof(IUnknown) && riid != __uuidof(INetworkListManagerEvents)) {
            return E_NOINTERFACE;
        }
        AddRef();
        *ppvObject = static_cast<INetworkListManagerEvents*>(this);
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = --references_;
        if (left == 0) {
            delete this;
        }
        return left;
    }
    HRESULT STDMETHODCALLTYPE ConnectivityChanged(NLM_CONNECTIVITY) override {
        SetEvent(changed_.get());
        return S_OK;
    }

    HANDLE changed() const { return changed_.get(); }

private:
    ~ConnectivityEvents() = default; // by Release

    std::atomic<ULONG> references_{1};
    const Handle changed_ = make_event(false);
};

/// This machine's connection, as Windows' Network List Manager sees it: online while the internet can be reached.
class NetworkListManager final : public ConnectionSource {
public:
    NetworkListManager() {
        *events_.GetAddressOf() = new ConnectivityEvents;
        check(CoCreateInstance(CLSID_NetworkListManager, nullptr, CLSCTX_ALL, IID_INetworkListManager,
                               reinterpret_cast<void**>(manager_.GetAddressOf())),
              "CoCreateInstance");
        ComPtr<IConnectionPointContainer> points;
        check(manager_.As(&points), "IConnectionPointContainer");
        check(points->FindConnectionPoint(IID_INetworkListManagerEvents, point_.GetAddressOf()), "FindConnectionPoint");
        check(point_->Advise(events_.Get(), &cookie_), "Advise");
    }

    ~NetworkListManager() override { point_->Unadvise(cookie_); }

    bool online() const override {
        NLM_CONNECTIVITY connectivity{};
        check(manager_->GetConnectivity(&connectivity), "GetConnectivity");
        return (connectivity & (NLM_CONNECTIVITY_IPV4_INTERNET | NLM_CONNECTIVITY_IPV6_INTERNET)) != 0;
    }

    void run(const std::function<void(bool online)>& on_change) override {
        do {
            on_change(online()); // first of all for whoever asked online() long before this call
        } while (stop_.wait_for(events_->changed()));
    }

    void stop() override { stop_.stop(); }

private:
    Stop stop_;
    ComApartment com_;
    ComPtr<ConnectivityEvents> events_;
    ComPtr<INetworkListManager> manager_;
    ComPtr<IConnectionPoint> point_;
    DWORD cookie_ = 0;
};

} // namespace

std::unique_ptr<ConnectionSource> follow_network() {
    return std::make_unique<NetworkListManager>();
}

} // namespace offline_state_samples
