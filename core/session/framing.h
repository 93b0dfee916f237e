// How a byte stream is cut into messages: the choice that a listener's configuration makes.
#pragma once

#include <cstdint>

namespace asyncd {

enum class FramingKind { line, raw, fixed, length, handler };

// Bytes that a frame of a handler's own framing may have beyond its message.
inline constexpr std::uint64_t most_around_message = 1024;

struct Framing {
  FramingKind kind = FramingKind::line;
  std::uint64_t message_size = 0;  // fixed: bytes of each message, at least 1
  std::uint32_t prefix_size = 4;   // length: bytes of the prefix, 1, 2, 4 or 8
  bool little_endian = false;      // length: the prefix's byte order; network order unless set

  bool operator==(const Framing&) const = default;
};

}  // namespace asyncd
