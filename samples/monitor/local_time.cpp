// SPDX-License-Identifier: MIT
#include "local_time.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace offline_state_samples {

namespace {

/// Fills in `local` and gives how far it is from UTC, in minutes.
int minutes_east_of_utc(std::time_t time, std::tm& local) {
#ifdef _WIN32
    localtime_s(&local, &time);
    std::tm as_if_utc = local;
    return static_cast<int>((_mkgmtime(&as_if_utc) - time) / 60);
#else
    localtime_r(&time, &local);
    return static_cast<int>(local.tm_gmtoff / 60);
#endif
}

} // namespace

std::string local_time_now() {
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    std::tm local{};
    const int east = minutes_east_of_utc(static_cast<std::time_t>(now.count() / 1000), local);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
    char text[64];
    std::snprintf(text, sizeof text, "%s.%03d%c%02d:%02d", date, static_cast<int>(now.count() % 1000),
                  east < 0 ? '-' : '+', std::abs(east) / 60, std::abs(east) % 60);
    return text;
}

} // namespace offline_state_samples
