// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "main_loop_glib.h"

#include <gio/gio.h>

namespace offline_state_samples {

namespace {

/// This machine's connection, as GLib's GNetworkMonitor sees it: online while there is a default route.
class NetworkMonitor final : public ConnectionSource {
public:
    NetworkMonitor() {
        // Not `network-changed`, which repeats itself: a property's notification says that it has changed.
        handler_ = g_signal_connect(monitor_, "notify::network-available", G_CALLBACK(on_notify), this);
    }

    ~NetworkMonitor() override { g_signal_handler_disconnect(monitor_, handler_); }

    bool online() const override { return g_network_monitor_get_network_available(monitor_) != FALSE; }

    void run(const std::function<void(bool online)>& on_change) override {
        on_change_ = on_change;
        on_change_(online()); // For whoever asked online() long before this call.
        loop_.run();
    }

    void stop() override { loop_.stop(); }

private:
    static void on_notify(GNetworkMonitor*, GParamSpec*, gpointer self) {
        const auto* source = static_cast<NetworkMonitor*>(self);
        if (source->on_change_ && !source->loop_.stopping()) {
            source->on_change_(source->online());
        }
    }

    MainLoop loop_;
    GNetworkMonitor* const monitor_ = g_network_monitor_get_default(); // GLib keeps it; we borrow it.
    gulong handler_ = 0;
    std::function<void(bool online)> on_change_;
};

} // namespace

std::unique_ptr<ConnectionSource> follow_network() {
    return std::make_unique<NetworkMonitor>();
}

} // namespace offline_state_samples
