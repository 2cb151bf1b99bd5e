// Draws calls and notifications as a sequence diagram: the one drawing code for the guide's pages and for the
// playground.
#pragma once

#include <string>
#include <vector>

namespace playground {

/// Who calls and who is called, from left to right.
enum class Lane { outlook, provider, store, object, providers_object, stores_object, a, b, c };

const char* title_of(Lane lane);

/// One arrow.
struct Row {
    Lane from;
    Lane to;
    std::string what;
    std::string outcome;
};

/// An <svg> element. Its colours are the guide's (guide.css, .sequence).
std::string draw(const std::vector<Row>& rows, const std::string& title);

/// The same row for those who cannot see it.
std::string in_words(const Row& row);

} // namespace playground
