// SPDX-License-Identifier: MIT
#include "connection_source.h"

#include "output.h"
#include "program.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <future>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace offline_state_samples {
namespace {
/// Waits until the loop has done the work; for ever if the loop has stopped, even if this work stopped it.
void do_in(MainLoop& loop, const std::function<void()>& work) {
    std::promise<void> done;
    loop.post(work);
    loop.post([&done] { done.set_value(); });
    done.get_future().wait();
}

void obey(const std::string& line, MainLoop& loop, const OnChange& on_change) {
    std::string word;
    std::string more;
    std::istringstream(line) >> word >> more;
    if (more.empty() && (word == "offline" || word == "online")) {
        do_in(loop, [&] { on_change(word == "online"); });
    } else if (more.empty() && word == "quit") {
        do_in(loop, [&] { loop.stop(); });
    } else if (!word.empty()) {
        print_error(quoted(line) + " is not a command: type offline, online or quit.");
    }
}

[[noreturn]] void read_commands(MainLoop& loop, const OnChange& on_change) {
    std::string line;
    char bytes[4096];
    do_in(loop, [] {}); // it runs
    for (;;) {
        // On standard error: standard output is for the monitor's lines.
        std::fputs(can_prompt() ? "offline, online or quit> " : "", stderr);
        const auto count = read(0, bytes, sizeof bytes);
        for (int i = 0; i < count; ++i) {
            if (bytes[i] == '\n') {
                obey(std::exchange(line, {}), loop, on_change);
            } else if (line.size() < 1024) { // the rest of a longer line is dropped
                line += bytes[i];
            }
        }
        if (count < 0) {
            do_in(loop, [error = errno] {
                throw std::runtime_error(std::string("cannot read standard input: ") + std::strerror(error));
            });
        } else if (count == 0) {
            std::fputs(can_prompt() ? "\n" : "", stderr); // the cursor is behind the prompt
            obey(line, loop, on_change);                  // the last line needs no end
            obey("quit", loop, on_change);
        }
    }
}
} // namespace

void follow_keyboard(const std::shared_ptr<MainLoop>& loop, const OnChange& on_change) {
    on_change(true);
    // Not joined: while it waits for a line, only the end of the process ends it.
    std::thread([loop, on_change] { read_commands(*loop, on_change); }).detach();
}

} // namespace offline_state_samples
