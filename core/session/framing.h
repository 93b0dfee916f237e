// How a byte stream is cut into messages: the choice that a listener's configuration makes.
#pragma once

#include <cstdint>
#include <string_view>

namespace asyncd {

enum class FramingKind { line, raw, fixed, length, handler };

constexpr std::string_view name_of(FramingKind kind) {
  switch (kind) {
    case FramingKind::line:
      return "line";
    case FramingKind::raw:
      return "raw";
    case FramingKind::fixed:
      return "fixed";
    case FramingKind::length:
      return "length";
    case FramingKind::handler:
      return "handler";
  }
  return "";
}

// What the program at the client's end of a connection has to know of a framing.
struct FramingTraits {
  bool is_counted = false;  // each message begins with its length
  bool ends_lines = false;  // a message written by hand ends with a line feed
  bool can_cut = false;     // a client can tell one reply from the next without the handler
  bool merges = false;      // what one read brings is a message, however many were sent
};

constexpr FramingTraits traits_of(FramingKind kind) {
  switch (kind) {
    case FramingKind::line:
      return {.ends_lines = true, .can_cut = true};
    case FramingKind::raw:
      return {.merges = true};
    case FramingKind::fixed:
      return {};
    case FramingKind::length:
      return {.is_counted = true, .can_cut = true};
    case FramingKind::handler:
      return {.ends_lines = true};  // as protocols of text do
  }
  return {};
}

enum class ByteOrder : std::uint8_t { big, little };

constexpr std::string_view name_of(ByteOrder order) {
  switch (order) {
    case ByteOrder::big:
      return "big";
    case ByteOrder::little:
      return "little";
  }
  return "";
}

// Bytes that a frame of a handler's own framing may have beyond its message.
inline constexpr std::uint64_t most_around_message = 1024;

struct Framing {
  FramingKind kind = FramingKind::line;
  std::uint64_t message_size = 0;           // fixed: bytes of each message, at least 1
  std::uint32_t prefix_size = 4;            // length: bytes of the prefix, 1, 2, 4 or 8
  ByteOrder prefix_order = ByteOrder::big;  // length: network order unless set

  bool operator==(const Framing&) const = default;
};

}  // namespace asyncd
