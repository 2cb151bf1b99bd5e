// SPDX-License-Identifier: MIT
#pragma once

#include <glib.h>

#include <atomic>
#include <vector>

namespace offline_state_samples {

/// GLib's default main context, run until stop(), SIGINT, SIGTERM or SIGHUP, or until nobody reads our
/// standard output any more. All of GLib's callbacks come on the thread that calls run().
class MainLoop {
public:
    /// From here on the signals are caught.
    MainLoop();
    ~MainLoop();
    MainLoop(const MainLoop&) = delete;
    MainLoop& operator=(const MainLoop&) = delete;

    void run();

    /// Any thread; before run() too.
    void stop();

    bool stopping() const { return stopping_; }

private:
    std::atomic<bool> stopping_{false};
    std::vector<guint> sources_;
};

} // namespace offline_state_samples
