// write(2) for a file or stream that may take its time. Any thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <system_error>

namespace asyncd {

// Writes `written` bytes, which may be fewer than there are, and waits where the reader is slow,
// even if another process has made the stream non-blocking.
std::error_code write_some(int descriptor, std::string_view bytes, std::size_t& written);

}  // namespace asyncd
