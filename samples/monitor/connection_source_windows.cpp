// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "output.h"

#include <windows.h>

#include <netlistmgr.h>
#include <ocidl.h>
#include <wrl/client.h>

#include <atomic>

namespace offline_state_samples {
namespace {
using Microsoft::WRL::ComPtr;

/// Never destroyed: the function below may run until the process ends.
auto& loop_to_stop = *new std::shared_ptr<MainLoop>;

/// Ctrl-C, Ctrl-Break, or the end of the console or the session; on a thread of the system.
BOOL WINAPI on_console_event(DWORD event) {
    loop_to_stop->stop();
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) {
        Sleep(INFINITE); // the process is ended as soon as this returns, unadvised or not
    }
    return TRUE;
}

/// Calls a function after each change of the connectivity, on a thread of COM's.
class NetworkEvents final : public INetworkListManagerEvents {
public:
    explicit NetworkEvents(std::function<void()> on_event) : on_event_(std::move(on_event)) {}

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** ppvObject) override {
        const bool known = riid == __uuidof(IUnknown) || riid == __uuidof(INetworkListManagerEvents);
        *ppvObject = known ? static_cast<INetworkListManagerEvents*>(this) : nullptr;
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
    HRESULT STDMETHODCALLTYPE ConnectivityChanged(NLM_CONNECTIVITY) override {
        try {
            on_event_();
            return S_OK;
        } catch (...) {
            return E_OUTOFMEMORY; // nothing leaves a function that COM calls
        }
    }

private:
    ~NetworkEvents() = default; // by Release

    std::atomic<ULONG> references_{1};
    const std::function<void()> on_event_;
};

/// This machine's connection: online while the internet can be reached.
class Network {
public:
    Network(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change) {
        check(CoCreateInstance(CLSID_NetworkListManager, nullptr, CLSCTX_ALL, IID_INetworkListManager,
                               reinterpret_cast<void**>(manager_.GetAddressOf())),
              "CoCreateInstance");
        ComPtr<IConnectionPointContainer> points;
        check(manager_.As(&points), "QueryInterface(IConnectionPointContainer)");
        check(points->FindConnectionPoint(IID_INetworkListManagerEvents, point_.GetAddressOf()), "FindConnectionPoint");
        const auto report = [manager = manager_, on_change] {
            NLM_CONNECTIVITY connectivity{};
            check(manager->GetConnectivity(&connectivity), "GetConnectivity");
            on_change((connectivity & (NLM_CONNECTIVITY_IPV4_INTERNET | NLM_CONNECTIVITY_IPV6_INTERNET)) != 0);
        };
        ComPtr<NetworkEvents> events;
        *events.GetAddressOf() = new NetworkEvents([loop, report] { loop->post(report); });
        check(point_->Advise(events.Get(), &cookie_), "IConnectionPoint::Advise");
        report();
    }
    ~Network() { point_->Unadvise(cookie_); }
    Network(const Network&) = delete;

private:
    struct ComApartment {
        ComApartment() { check(CoInitializeEx(nullptr, COINIT_MULTITHREADED), "CoInitializeEx"); }
        ~ComApartment() { CoUninitialize(); }
    };

    const ComApartment com_; // ends after what COM gave
    ComPtr<INetworkListManager> manager_;
    ComPtr<IConnectionPoint> point_;
    DWORD cookie_ = 0;
};
} // namespace

std::shared_ptr<void> follow_system(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change) {
    loop_to_stop = loop;
    SetConsoleCtrlHandler(on_console_event, TRUE);
    return on_change ? std::make_shared<Network>(loop, on_change) : nullptr;
}

} // namespace offline_state_samples
