// Why a connection ended. Every closed connection has exactly one reason; the counters and the log
// name it by these words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace asyncd {

enum class CloseReason : std::uint8_t {
  none,  // still open
  client_closed,
  client_reset,
  message_limit,  // messages_per_connection reached
  message_too_long,
  message_incomplete,  // the client ended in the middle of one
  message_malformed,   // the handler's own framing did not understand it
  handler_closed,      // asked for by the handler
  handler_failed,      // broke its contract, or refused the connection
  first_byte_timeout,
  idle_timeout,
  message_timeout,
  write_timeout,
  drained,
  stopped,
  io_error,
  no_memory,
  memory_limit,  // it held most when all connections together held too much
  send_rate,     // took its replies more slowly than min_send_rate
  receive_rate,  // sent a message more slowly than min_receive_rate
};

inline constexpr std::size_t close_reason_count = 20;

constexpr std::string_view name_of(CloseReason reason) {
  constexpr std::string_view names[close_reason_count] = {"none",
                                                          "client_closed",
                                                          "client_reset",
                                                          "message_limit",
                                                          "message_too_long",
                                                          "message_incomplete",
                                                          "message_malformed",
                                                          "handler_closed",
                                                          "handler_failed",
                                                          "first_byte_timeout",
                                                          "idle_timeout",
                                                          "message_timeout",
                                                          "write_timeout",
                                                          "drained",
                                                          "stopped",
                                                          "io_error",
                                                          "no_memory",
                                                          "memory_limit",
                                                          "send_rate",
                                                          "receive_rate"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace asyncd
