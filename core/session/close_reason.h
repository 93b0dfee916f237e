// Why a connection ended. Every closed connection has exactly one reason; the counters and the log
// name it by these words.
#pragma once

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
  memory_limit,       // it held most when all connections together held too much
  send_rate,          // took its replies more slowly than min_send_rate
  receive_rate,       // sent a message more slowly than min_receive_rate
  handshake_timeout,  // the stage before the session (such as TLS) was not open in time
  stage_failed,       // it did not understand the client's bytes, or was cut off in the middle
};

constexpr std::string_view name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::none:
      return "none";
    case CloseReason::client_closed:
      return "client_closed";
    case CloseReason::client_reset:
      return "client_reset";
    case CloseReason::message_limit:
      return "message_limit";
    case CloseReason::message_too_long:
      return "message_too_long";
    case CloseReason::message_incomplete:
      return "message_incomplete";
    case CloseReason::message_malformed:
      return "message_malformed";
    case CloseReason::handler_closed:
      return "handler_closed";
    case CloseReason::handler_failed:
      return "handler_failed";
    case CloseReason::first_byte_timeout:
      return "first_byte_timeout";
    case CloseReason::idle_timeout:
      return "idle_timeout";
    case CloseReason::message_timeout:
      return "message_timeout";
    case CloseReason::write_timeout:
      return "write_timeout";
    case CloseReason::drained:
      return "drained";
    case CloseReason::stopped:
      return "stopped";
    case CloseReason::io_error:
      return "io_error";
    case CloseReason::no_memory:
      return "no_memory";
    case CloseReason::memory_limit:
      return "memory_limit";
    case CloseReason::send_rate:
      return "send_rate";
    case CloseReason::receive_rate:
      return "receive_rate";
    case CloseReason::handshake_timeout:
      return "handshake_timeout";
    case CloseReason::stage_failed:
      return "stage_failed";
  }
  return "";
}

}  // namespace asyncd
