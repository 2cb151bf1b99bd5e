// SPDX-License-Identifier: MIT
#pragma once

namespace offline_state_samples {

enum class Stream { input = 0, output = 1, error = 2 };

/// First thing in main(). Afterwards a write that nobody reads is an error and not the process's end, and a
/// stream that our parent closed is not taken by the first file or socket that is opened.
void prepare_standard_streams();

bool is_terminal(Stream stream);

/// True when standard output is a terminal that takes colours and whose user has not set NO_COLOR.
bool output_is_coloured();

} // namespace offline_state_samples
