#include <io.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <system_error>

#include "core/system/standard_streams.h"

namespace asyncd {

// A handle here has no number that another one could get.
void hold_standard_streams() {}

bool is_output_closed() { return ::_fileno(stdout) < 0; }

std::string write_output(std::string_view bytes) {
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() &&
                       std::fflush(stdout) == 0;
  return written ? "" : std::generic_category().message(errno);
}

void print_error(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

Result<std::size_t> read_input(std::span<char> buffer) {
  constexpr int descriptor = 0;
  const int size = ::_read(descriptor, buffer.data(),
                           static_cast<unsigned>(std::min<std::size_t>(buffer.size(), INT_MAX)));
  if (size < 0) return Error{ExitCode::failure, "cannot read standard input"};
  return static_cast<std::size_t>(size);
}

}  // namespace asyncd
