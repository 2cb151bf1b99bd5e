// SPDX-License-Identifier: MIT
#include "connection_source.h"
#include "keyboard_commands.h"
#include "stop_windows.h"

#include <cstdio>
#include <io.h>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace offline_state_samples {

namespace {

/// What has been read and not yet been taken. Shared with the thread that reads.
struct Input {
    const Handle arrived = make_event(false);
    std::mutex mutex; // guards what follows
    std::string bytes;
    bool at_end = false;
    bool failed = false;
};

// Reading a console or a pipe cannot be waited for together with an event, so a thread of its own does it.
void read_all(const std::shared_ptr<Input>& input) {
    char bytes[4096];
    for (;;) {
        const int count = _read(_fileno(stdin), bytes, sizeof bytes);
        const std::lock_guard<std::mutex> lock(input->mutex);
        if (count > 0) {
            input->bytes.append(bytes, static_cast<std::size_t>(count));
        } else {
            input->at_end = true;
            input->failed = count < 0;
        }
        SetEvent(input->arrived.get());
        if (count <= 0) {
            return;
        }
    }
}

/// Standard input as the source: a line read is a change of the connection.
class Keyboard final : public ConnectionSource {
public:
    bool online() const override { return commands_.online(); }

    void run(const std::function<void(bool online)>& on_change) override {
        on_change_ = on_change;
        // Not joined: while it waits for a line nothing can end it but the process, and all it touches it shares.
        std::thread([input = input_] { read_all(input); }).detach();
        commands_.prompt();
        while (stop_.wait_for(input_->arrived.get())) {
            take();
        }
    }

    void stop() override { stop_.stop(); }

private:
    void take() {
        std::unique_lock<std::mutex> lock(input_->mutex);
        const std::string bytes = std::exchange(input_->bytes, {});
        const bool at_end = input_->at_end;
        const bool failed = input_->failed;
        lock.unlock();

        commands_.add(bytes);
        if (!at_end) {
            if (!stop_.stopping()) {
                commands_.prompt();
            }
            return;
        }
        if (failed) {
            throw std::runtime_error("cannot read standard input");
        }
        if (!stop_.stopping()) {
            commands_.end();
        }
        stop();
    }

    Stop stop_;
    const std::shared_ptr<Input> input_ = std::make_shared<Input>();
    std::function<void(bool online)> on_change_;
    KeyboardCommands commands_{[this](bool online) {
                                   on_change_(online);
                                   return !stop_.stopping();
                               },
                               [this] { stop_.stop(); }};
};

} // namespace

std::unique_ptr<ConnectionSource> follow_keyboard() {
    return std::make_unique<Keyboard>();
}

} // namespace offline_state_samples
