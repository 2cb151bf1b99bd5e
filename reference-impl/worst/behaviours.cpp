#include "behaviours.h"

#include "platform.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <random>
#include <sstream>

namespace offline_state_worst {

namespace {

constexpr struct {
    const char* name;
    const char* breaks;
    const char* text;
    const char* copes;
} table[] = {
#define OFFLINE_STATE_WORST_ROW(name, breaks, text, copes) {#name, breaks, text, copes},
    OFFLINE_STATE_WORST_BEHAVIOURS(OFFLINE_STATE_WORST_ROW)
#undef OFFLINE_STATE_WORST_ROW
};
static_assert(std::size(table) < 64, "one bit each");

constexpr std::uint64_t all_of_them = (std::uint64_t{1} << std::size(table)) - 1;
std::atomic<std::uint64_t> chosen{all_of_them};

std::string name_of(std::size_t index) {
    std::string name = table[index].name;
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

/// Puts the choice into `mask`, or gives what is wrong with it.
std::string parse(const std::string& text, std::uint64_t& mask) {
    if (text.empty() || text == "all") {
        mask = all_of_them;
        return "";
    }
    mask = 0;
    if (text == "none") {
        return "";
    }
    if (text.rfind("seed:", 0) == 0) {
        const std::string digits = text.substr(5);
        const bool is_number = !digits.empty() && digits.size() <= 18 &&
                               std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!is_number) {
            return "the seed \"" + digits + "\" is not a number of 1 to 18 digits";
        }
        mask = std::mt19937_64(std::stoull(digits))() & all_of_them;
        return "";
    }
    std::istringstream in(text + ",");
    for (std::string name; std::getline(in, name, ',');) {
        std::size_t index = 0;
        while (index < std::size(table) && name != name_of(index)) {
            ++index;
        }
        if (index == std::size(table)) {
            std::string sentence = "there is no behaviour \"" + name + "\". ";
            sentence += "There are all, none, seed:NUMBER, and these, with commas between them:";
            for (std::size_t i = 0; i < std::size(table); ++i) {
                sentence.append(i == 0 ? " " : ", ").append(name_of(i));
            }
            return sentence;
        }
        mask |= std::uint64_t{1} << index;
    }
    return "";
}

} // namespace

bool on(Behaviour behaviour) noexcept {
    return (chosen >> static_cast<unsigned>(behaviour) & 1) != 0;
}

bool choose(const char* behaviours) noexcept {
    try {
        std::uint64_t mask = 0;
        const std::string fault = parse(behaviours == nullptr ? "" : behaviours, mask);
        if (!fault.empty()) {
            std::fprintf(stderr, "OFFLINE_STATE_WORST: %s.\n", fault.c_str());
            return false;
        }
        chosen = mask;
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

bool configured() noexcept {
    static const bool good = [] {
        if (reference_is_loaded()) {
            std::fputs("OFFLINE_STATE_WORST: the reference and the worst permitted Outlook are both in this process. "
                       "Load one of them.\n",
                       stderr);
            return false;
        }
        return choose(std::getenv("OFFLINE_STATE_WORST"));
    }();
    return good;
}

std::string behaviours_as_json() {
    std::string json = "[";
    for (std::size_t i = 0; i < std::size(table); ++i) {
        std::string breaks;
        std::istringstream in(table[i].breaks);
        for (std::string id; in >> id;) {
            breaks.append(breaks.empty() ? "" : ", ").append("\"").append(id).append("\"");
        }
        json += (i == 0 ? "\n" : ",\n") + (R"( {"name": ")" + name_of(i)) + R"(", "on": )" +
                (on(static_cast<Behaviour>(i)) ? "true" : "false") + R"(, "breaks": [)" + breaks + R"(], "text": ")" +
                table[i].text + R"(", "copes": ")" + table[i].copes + "\"}";
    }
    return json + "\n]\n";
}

} // namespace offline_state_worst
