// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>

namespace offline_state_samples {

/// Tells whether there is a connection. This is all that the monitor knows of the platform it runs on.
///
/// From its construction to its end it catches SIGINT and SIGTERM (and SIGHUP), each of which does what
/// stop() does: a signal that comes before run() is not lost.
class ConnectionSource {
public:
    virtual ~ConnectionSource() = default;

    /// The state now.
    virtual bool online() const = 0;

    /// Calls `on_change` on this thread at each change, until stop(), a signal, or until whoever reads our
    /// standard output has gone. It may name the state that is there already. It must not throw.
    /// @throws std::runtime_error The source has failed.
    virtual void run(const std::function<void(bool online)>& on_change) = 0;

    /// Lets run() return. Any thread; before run() too, which then returns at once.
    virtual void stop() = 0;
};

/// Follows the connection of this machine: no default route means offline.
std::unique_ptr<ConnectionSource> follow_network();

/// Reads `offline`, `online` and `quit` from standard input; starts online.
std::unique_ptr<ConnectionSource> follow_keyboard();

} // namespace offline_state_samples
