#include "diagram.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace playground {

namespace {

constexpr std::array titles{"Outlook",        "Provider", "Store",    "Profile’s object", "Provider’s object",
                            "Store’s object", "Client A", "Client B", "Client C"};
constexpr int top = 56;
constexpr int row_height = 46;
constexpr int margin = 90;

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        result += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
    }
    return result;
}

std::string attribute(const char* name, int value) {
    return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

std::string text(const char* kind, int x, int y, const std::string& content) {
    return "<text" + std::string(kind) + attribute("x", x) + attribute("y", y) + ">" + escaped(content) + "</text>";
}

} // namespace

const char* title_of(Lane lane) {
    return titles.at(static_cast<std::size_t>(lane));
}

std::string draw(const std::vector<Row>& rows, const std::string& title) {
    std::vector<Lane> lanes;
    for (const Row& row : rows) {
        lanes.insert(lanes.end(), {row.from, row.to});
    }
    std::sort(lanes.begin(), lanes.end());
    lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());

    // Three lanes fill a page; more are closer together, and the picture is wider.
    const int between = lanes.size() <= 3 ? 270 : 170;
    const int width = std::max(720, 2 * margin + between * (static_cast<int>(lanes.size()) - 1));
    const int height = top + row_height * static_cast<int>(rows.size()) + 16;
    const auto place_of = [&](Lane lane) {
        const auto found = std::find(lanes.begin(), lanes.end(), lane);
        return margin + between * static_cast<int>(found - lanes.begin());
    };
    const std::string size = std::to_string(width);
    std::string svg = "<svg viewBox=\"0 0 " + size + " " + std::to_string(height) +
                      "\" style=\"min-width:" + std::to_string(width * 11 / 13) + R"(px" role="img" aria-label=")" +
                      escaped(title) + R"("><g class="lanes">)";
    for (const Lane lane : lanes) {
        const int x = place_of(lane);
        svg += "<line" + attribute("x1", x) + attribute("y1", 40) + attribute("x2", x) + attribute("y2", height) + "/>";
        svg += text("", x, 26, title_of(lane));
    }
    svg += "</g><g class=\"events\">";
    int y = top + 24;
    for (const Row& row : rows) {
        const int start = place_of(row.from);
        const int end = place_of(row.to);
        const std::string tip = end > start ? "m-8 -5l8 5l-8 5" : "m8 -5l-8 5l8 5";
        svg +=
            "<path d=\"M" + std::to_string(start) + " " + std::to_string(y) + "H" + std::to_string(end) + tip + "\"/>";
        svg += text("", (start + end) / 2, y - 6, row.what);
        svg += text(" class=\"outcome\"", (start + end) / 2, y + 15, row.outcome);
        y += row_height;
    }
    return svg + "</g></svg>";
}

std::string in_words(const Row& row) {
    return title_of(row.from) + std::string(" to ") + title_of(row.to) + ": " + row.what + " (" + row.outcome + ")";
}

} // namespace playground
