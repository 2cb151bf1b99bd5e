// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "keyboard_commands.h"
#include "main_loop_glib.h"
#include "output.h"
#include "standard_streams.h"

#include <glib-unix.h>

#include <cerrno>
#include <cstdio>
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
    bool online() const override { return online_; }

    void run(const std::function<void(bool online)>& on_change) override {
        on_change_ = on_change;
        prompt();
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
            lines_.add({bytes, static_cast<std::size_t>(count)},
                       [this](const std::string& line) { return obey(line); });
            if (!loop_.stopping()) {
                prompt();
            }
            return;
        }
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        if (count < 0) {
            error_ = errno;
        }
        if (prompts_) {
            std::fputc('\n', stderr); // The cursor stands behind the prompt.
        }
        obey(lines_.rest());
        loop_.stop();
    }

    /// False when no more lines are wanted.
    bool obey(const std::string& line) {
        const Command command = parse_command(line);
        switch (command) {
        case Command::offline:
        case Command::online:
            online_ = command == Command::online;
            on_change_(online_);
            break;
        case Command::quit:
            loop_.stop();
            break;
        case Command::nothing:
            break;
        case Command::unknown:
            tell(quoted(line) + " is not a command: type offline, online or quit.");
            break;
        }
        return !loop_.stopping();
    }

    /// On standard error, as a shell does: standard output holds nothing but the monitor's lines.
    void prompt() const {
        if (prompts_) {
            std::fputs("offline, online or quit> ", stderr);
        }
    }

    MainLoop loop_;
    LineSplitter lines_;
    bool online_ = true;
    int error_ = 0; // What read() failed with.
    const bool prompts_ = is_terminal(Stream::input) && is_terminal(Stream::error);
    std::function<void(bool online)> on_change_;
};

} // namespace

std::unique_ptr<ConnectionSource> follow_keyboard() {
    return std::make_unique<Keyboard>();
}

} // namespace offline_state_samples
