// A record: what has been asked and answered, one JSON object a line, each flushed. The guide:
// how-to/record-your-outlook.
#pragma once

#include <windows.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace offline_state_recorder {

using Json = nlohmann::ordered_json;

std::string utf8(const std::wstring& text);

/// "0x00000004"
std::string word(ULONG value);

/// @thread Any thread.
class Record {
public:
    static constexpr std::size_t largest = 200'000;

    /// @param path A new file. Throws std::runtime_error when it cannot be made.
    explicit Record(const std::wstring& path);
    ~Record();
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

    /// Milliseconds since it began.
    double now() const;

    /// Begins a check, which may fill one of so many shares of what is left beside the lines of the checks that are
    /// left. Both numbers count it too.
    void begin_check(const std::string& name, std::size_t shares, std::size_t checks_left);

    /// The check that runs, or "".
    std::string check() const;

    /// A call or a notification of the check that runs: left out when its share is used up.
    void detail(Json line);
    /// True, and counted, when this check has had one left out: making the line takes longer than the call.
    bool leaves_out();

    /// Ends the check with a verdict.
    void end_check(const std::string& name, const std::string& statement, const std::string& verdict,
                   std::string reason = "", double ms = 0);

    void line(const Json& line);

    /// In the order of appearance, from 1.
    int this_thread();

    /// Nothing is written any more.
    void close();

private:
    void write(const Json& line);

    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    mutable std::recursive_timed_mutex mutex_; // a thread that crashes inside does not keep the others from it
    std::FILE* file_;
    std::size_t size_ = 0;
    std::size_t share_ends_ = largest / 4;
    std::size_t left_out_ = 0;
    std::string check_;
    std::map<DWORD, int> threads_;
};

} // namespace offline_state_recorder
