// Writes the trace without a line of code: OFFLINE_STATE_TRACE (TRACE-5).
#pragma once

#include <mapioffline_host.h>

#include <string>

namespace offline_state {

#ifdef _WIN32
using SystemText = std::wstring;
#else
using SystemText = std::string;
#endif

/// A sink that writes one line for each event: to standard error if the destination is `stderr`, else at the end of
/// that file. Lines are JSON if its name ends in `.jsonl`. The first line that cannot be written is the last one; a
/// sentence on standard error says so.
TraceSink trace_writer(SystemText destination);

/// The writer that the environment asks for. Empty if it asks for none, or if the process has elevated rights.
TraceSink trace_writer_of_environment();

} // namespace offline_state
