// StandardStreams: what commands print, what they complain of, and what they read. A stream belongs
// to its parent, too, and may have been made non-blocking by it: asyncd waits for such a stream,
// and leaves it as it is. Printing and reading are for one thread each, complaining is for any.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace asyncd {

// At start, before any file or socket is opened: where a stream is closed, the null device takes
// its place, so that nothing else gets its number. Printing to a stream that was closed fails all
// the same.
void hold_standard_streams();

// To standard output. The bytes leave the process once there are many, or when flush_output is
// called.
void print(std::string_view text);
// What has been printed is written, or the error (1) says why it never will be; from then on
// printing does nothing.
Result<void> flush_output();
// Whether printing can succeed at all, as far as can be told without printing.
Result<void> check_output();

// To standard error, at once. What cannot be written is lost: there is nothing left to say it with.
void print_error(std::string_view text);

// Waits for at least one byte of standard input. 0: its end. An error (1): it cannot be read.
Result<std::size_t> read_input(std::span<char> buffer);

// What each system has for it.
bool is_output_closed();
std::string write_output(std::string_view bytes);  // why not; empty: all of it is written

}  // namespace asyncd
