// SPDX-License-Identifier: MIT
#include "main_loop_glib.h"

#include "standard_streams.h"

#include <glib-unix.h>

#include <csignal>
#include <cstdio>
#include <unistd.h>

namespace offline_state_samples {

namespace {

gboolean on_signal(gpointer loop) {
    if (is_terminal(Stream::input) && is_terminal(Stream::error)) {
        std::fputc('\n', stderr); // The cursor stands behind an echoed ^C.
    }
    static_cast<MainLoop*>(loop)->stop();
    return G_SOURCE_CONTINUE;
}

gboolean on_reader_gone(gint, GIOCondition, gpointer loop) {
    static_cast<MainLoop*>(loop)->stop();
    return G_SOURCE_CONTINUE;
}

/// True under nohup(1), whose user does not want to be ended by a terminal that closes.
bool hangup_is_ignored() {
    struct sigaction action{};
    return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

} // namespace

MainLoop::MainLoop() {
    sources_.push_back(g_unix_signal_add(SIGINT, on_signal, this));
    sources_.push_back(g_unix_signal_add(SIGTERM, on_signal, this));
    if (!hangup_is_ignored()) {
        sources_.push_back(g_unix_signal_add(SIGHUP, on_signal, this));
    }
    // A pipe without a reader is an error at once, not only at the next write, which may be hours away.
    sources_.push_back(g_unix_fd_add(STDOUT_FILENO, G_IO_ERR, on_reader_gone, this));
}

MainLoop::~MainLoop() {
    for (const guint source : sources_) {
        g_source_remove(source);
    }
}

// Not GMainLoop: its g_main_loop_quit() is lost when it comes before g_main_loop_run(). Here the flag is
// read again after each wake-up, and it is set before the wake-up, so that none is missed.
void MainLoop::run() {
    while (!stopping_) {
        g_main_context_iteration(nullptr, TRUE);
    }
}

void MainLoop::stop() {
    stopping_ = true;
    g_main_context_wakeup(nullptr);
}

} // namespace offline_state_samples
