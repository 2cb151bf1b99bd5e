// Plays bytes as calls of the API by several clients on several threads, and compares each with the model.
#pragma once

#include <cstddef>
#include <cstdint>

namespace offline_state_fuzz {

/// Plays them to their end and undoes everything. A difference is printed with all calls so far, and ends the process.
void play(const std::uint8_t* bytes, std::size_t size);

/// How many calls of the API the bytes have asked for in this process, without those that only look at the result.
std::uint64_t calls_played();

/// From now on each call is printed before it is made.
void print_each_call();

} // namespace offline_state_fuzz
