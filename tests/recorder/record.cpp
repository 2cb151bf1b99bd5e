#include "record.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offline_state_recorder {

namespace {

// What is kept free for what must come.
constexpr std::size_t usual_check_line = 250;
constexpr std::size_t for_the_end = 15'000;
constexpr std::size_t longest_reason = 400;
constexpr std::size_t most_of_a_check = 5'000; // a test may call ten thousand times

double rounded(double ms) {
    return std::round(ms * 1000) / 1000;
}

/// Gives up after a while: whoever holds it may have crashed.
class Lock {
public:
    explicit Lock(std::recursive_timed_mutex& mutex) : lock_(mutex, std::chrono::seconds(1)) {}

private:
    const std::unique_lock<std::recursive_timed_mutex> lock_;
};

} // namespace

std::string utf8(const std::wstring& text) {
    const int size =
        WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0, nullptr, nullptr);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), bytes.data(), size, nullptr, nullptr);
    return bytes;
}

std::string word(ULONG value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08lX", value);
    return text;
}

Record::Record(const std::wstring& path) : file_(_wfopen(path.c_str(), L"wb")) {
    if (file_ == nullptr) {
        throw std::runtime_error("the file cannot be written");
    }
}

Record::~Record() {
    close();
}

double Record::now() const {
    return rounded(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun_).count());
}

void Record::begin_check(const std::string& name, std::size_t shares, std::size_t checks_left) {
    const Lock lock(mutex_);
    check_ = name;
    left_out_ = 0;
    const std::size_t reserved = size_ + checks_left * usual_check_line + for_the_end;
    share_ends_ = size_ + (reserved < largest ? std::min((largest - reserved) / shares, most_of_a_check) : 0);
}

std::string Record::check() const {
    const Lock lock(mutex_);
    return check_;
}

void Record::detail(Json line) {
    const Lock lock(mutex_);
    if (size_ + line.dump().size() >= share_ends_) {
        ++left_out_;
        return;
    }
    write(line);
}

bool Record::leaves_out() {
    const Lock lock(mutex_);
    left_out_ += left_out_ != 0 ? 1 : 0;
    return left_out_ != 0;
}

void Record::end_check(const std::string& name, const std::string& statement, const std::string& verdict,
                       std::string reason, double ms) {
    const Lock lock(mutex_);
    reason.resize(std::min(reason.size(), longest_reason));
    if (left_out_ != 0) {
        reason += (reason.empty() ? "" : "; ") + std::to_string(left_out_) + " more lines are left out";
        left_out_ = 0;
    }
    Json line{{"line", "check"}, {"check", name}, {"statements", {statement}}, {"verdict", verdict}};
    if (!reason.empty()) {
        line["reason"] = reason;
    }
    if (ms != 0) {
        line["ms"] = rounded(ms);
    }
    check_.clear();
    write(line);
}

void Record::line(const Json& line) {
    const Lock lock(mutex_);
    write(line);
}

void Record::write(const Json& line) {
    if (file_ == nullptr) {
        return;
    }
    // A character that is cut in half must not end the record.
    const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::fwrite(text.data(), 1, text.size(), file_);
    std::fflush(file_); // what comes after may be a crash
    size_ += text.size();
}

int Record::this_thread() {
    const Lock lock(mutex_);
    return threads_.try_emplace(GetCurrentThreadId(), static_cast<int>(threads_.size()) + 1).first->second;
}

void Record::close() {
    const Lock lock(mutex_);
    if (file_ != nullptr) {
        std::fclose(file_);
        file_ = nullptr;
    }
}

} // namespace offline_state_recorder
