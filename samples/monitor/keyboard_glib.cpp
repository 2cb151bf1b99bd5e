// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "keyboard_commands.h"
#include "main_loop_glib.h"

#include <glib-unix.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace offline_state_samples {

namespace {

/// Standard input as the source: a line read is a change of the connection. It reads on the main loop, so
/// that a signal is served while it waits for the next line.
class Keyboard final : public ConnectionSource {
public:
    bool online() const override { return commands_.online(); }

    void run(const std::function<void(bool online)>& on_change) override {
        on_change_ = on_change;
        commands_.prompt();
        // The end of the input and errors are reported too, asked for or not.
        const guint source = g_unix_fd_add(STDIN_FILENO, G_IO_IN, on_readable, this);
        loop_.run();
        g_source_remove(source);
        if (error_ != 0) {
            throw std::runtime_error(std::string("cannot read standard input: ") + std::strerror(error_));
        }
    }

    void stop() override { loop_.stop(); }

private:
    static gboolean on_readable(gint, GIOCondition, gpointer self) {
        static_cast<Keyboard*>(self)->read_some();
        return G_SOURCE_CONTINUE;
    }

    void read_some() {
        char bytes[4096];
        const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
        if (count > 0) {
            commands_.add({bytes, static_cast<std::size_t>(count)});
            if (!loop_.stopping()) {
                commands_.prompt();
            }
            return;
        }
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        if (count < 0) {
            error_ = errno;
        }
        commands_.end();
        loop_.stop();
    }

    MainLoop loop_;
    std::function<void(bool online)> on_change_;
    KeyboardCommands commands_{[this](bool online) {
                                   on_change_(online);
                                   return !loop_.stopping();
                               },
                               [this] { loop_.stop(); }};
    int error_ = 0; // What read() failed with.
};

} // namespace

std::unique_ptr<ConnectionSource> follow_keyboard() {
    return std::make_unique<Keyboard>();
}

} // namespace offline_state_samples
