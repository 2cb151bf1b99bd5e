// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "program.h"

#include <gio/gio.h>
#include <glib-unix.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace offline_state_samples {
namespace {
/// GLib's main context on a thread of its own, which reports signals and changes of the network.
class System {
public:
    System(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change) : loop_(loop), on_change_(on_change) {
        g_unix_signal_add(SIGINT, on_signal, this);
        g_unix_signal_add(SIGTERM, on_signal, this);
        struct sigaction hangup{};
        if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) { // nohup(1) ignores it
            g_unix_signal_add(SIGHUP, on_signal, this);
        }
        // Reports at once that a pipe has no reader any more: the next write may be hours away.
        const auto on_reader_gone = [](gint, GIOCondition, gpointer self) -> gboolean {
            static_cast<System*>(self)->loop_->stop();
            return G_SOURCE_REMOVE;
        };
        g_unix_fd_add(STDOUT_FILENO, G_IO_ERR, on_reader_gone, this);
        if (on_change) {
            GNetworkMonitor* const monitor = g_network_monitor_get_default(); // GLib keeps it
            // Not `network-changed`, which repeats itself.
            g_signal_connect(monitor, "notify::network-available", G_CALLBACK(on_network), this);
            on_change(g_network_monitor_get_network_available(monitor) != FALSE); // is there a default route?
        }
        thread_ = std::thread([this] {
            while (!ended_) {
                g_main_context_iteration(nullptr, TRUE);
            }
        });
    }

    ~System() {
        ended_ = true;
        g_main_context_wakeup(nullptr);
        thread_.join(); // nothing calls back without it
    }

private:
    static void on_network(GNetworkMonitor* monitor, GParamSpec*, gpointer self) {
        const auto* const system = static_cast<System*>(self);
        const bool online = g_network_monitor_get_network_available(monitor) != FALSE;
        system->loop_->post([system, online] { system->on_change_(online); });
    }

    static gboolean on_signal(gpointer self) {
        std::fputs(can_prompt() ? "\n" : "", stderr); // the cursor stands behind an echoed ^C
        static_cast<System*>(self)->loop_->stop();
        return G_SOURCE_CONTINUE;
    }

    const std::shared_ptr<MainLoop> loop_;
    const OnChange on_change_;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};
} // namespace

std::shared_ptr<void> follow_system(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change) {
    return std::make_shared<System>(loop, on_change);
}

} // namespace offline_state_samples
