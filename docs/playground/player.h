// Plays a list of calls, and says what has happened.
#pragma once

#include <string>

namespace playground {

/// @param list Calls, separated by commas or white space: `outlook.start`, `a.advise`, … The page "Playground" lists
///   them. A first word `worst:NAME+NAME` chooses what the worst permitted Outlook does.
/// @return JSON, always the same for the same list: `fault`, what is wrong with a call (then nothing behind it has been
///   played) or nothing; `last`, what the last call gave; `trace`, its lines; `diagram`, an <svg> element; `words`, the
///   same as the diagram in words; `parts`, who holds what, each with `name` and `facts`.
std::string play(const std::string& list, const std::string& title);

} // namespace playground
