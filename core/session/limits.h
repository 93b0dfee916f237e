// What a connection may use. Plain values, copied into each listener's service. Sizes in bytes;
// every limit is finite unless the user spelled "unlimited".
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

#include "core/base/clock.h"

namespace asyncd {

inline constexpr std::uint64_t unlimited_count = std::numeric_limits<std::uint64_t>::max();

// What becomes of clients beyond max_connections, or beyond what the backend takes in at a time.
enum class Overload : std::uint8_t {
  backlog,  // they wait in the system's queue
  shed,     // they are told, and go
};

constexpr std::string_view name_of(Overload overload) {
  switch (overload) {
    case Overload::backlog:
      return "backlog";
    case Overload::shed:
      return "shed";
  }
  return "";
}

struct Limits {
  std::uint64_t max_connections = 10'000;
  std::uint64_t max_connections_per_ip = unlimited_count;
  Overload overload = Overload::backlog;
  std::uint64_t messages_per_connection = unlimited_count;
  // messages of a connection that an asynchronous, reentrant handler works on at once
  std::uint64_t max_in_flight = 1;

  std::uint64_t max_message = 1 << 20;
  std::uint64_t max_reply = 4 << 20;
  // from it on no further message is taken from the connection
  std::uint64_t output_high_water = 256 << 10;
  // at or below it they are taken again; less than the high one
  std::uint64_t output_low_water = 64 << 10;
  std::uint64_t input_buffer = 64 << 10;  // at most so many bytes in one read; at least 1 KiB

  Duration first_byte_timeout = std::chrono::seconds(10);
  Duration idle_timeout = std::chrono::seconds(60);
  // from a message's first byte, not moved by further ones
  Duration message_timeout = std::chrono::seconds(30);
  // of an asynchronous handler, for one message
  Duration call_timeout = std::chrono::seconds(60);
  // without a byte taken by the client, as its system tells
  Duration write_timeout = std::chrono::seconds(30);
  // in all, from the end of output to the client's end
  Duration linger_timeout = std::chrono::seconds(30);
  Duration linger_idle_timeout = std::chrono::seconds(5);

  // A hook that takes longer is told of, and its event loop gets no new connections; on threads
  // that may block ten times as long.
  Duration handler_blocks = std::chrono::milliseconds(100);

  // Bytes a second; 0: however slow. A client that is slower is cut off, though it moves.
  std::uint64_t min_send_rate = 0;     // of what it takes, while output waits for it
  std::uint64_t min_receive_rate = 0;  // of what it sends, while a message is unfinished

  bool operator==(const Limits&) const = default;
};

}  // namespace asyncd
