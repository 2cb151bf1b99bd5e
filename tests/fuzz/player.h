// Plays bytes as calls of the API by several clients on several threads, and compares each with the model.
#pragma once

#include <cstddef>
#include <cstdint>

namespace offline_state_fuzz {

/// Plays them to their end, and takes everything back. A difference is told, with all calls so far, and ends the
/// process.
void play(const std::uint8_t* bytes, std::size_t size);

/// Calls of the API that the bytes have asked for, in this process; those that only look at the result do not count.
std::uint64_t calls_played();

/// Tells each call before it is made.
void tell_each_call();

} // namespace offline_state_fuzz
