// Reads what standard input has, as soon as there is something. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace asyncd::send {

// Waits for at least one byte. 0: its end. Nothing: it cannot be read.
std::optional<std::size_t> read_standard_input(std::span<char> buffer);

}  // namespace asyncd::send
