#include "core/session/frame_error.h"

namespace asyncd {

std::string explain(const Frame& frame, std::size_t received, std::uint64_t max_message) {
  switch (frame.status) {
    case Frame::Status::complete:
    case Frame::Status::need_more:
      break;
    case Frame::Status::too_long:
      return "message too long (limit " + std::to_string(max_message) + " bytes)";
    case Frame::Status::incomplete: {
      const std::string expected =
          frame.expected == 0 ? "" : " of " + std::to_string(frame.expected);
      return "incomplete message (" + std::to_string(received) + expected + " bytes)";
    }
    case Frame::Status::malformed:
      return "malformed message";
    case Frame::Status::failed:
      return "handler failed";
  }
  return {};
}

CloseReason reason_of(Frame::Status status) {
  switch (status) {
    case Frame::Status::complete:
    case Frame::Status::need_more:
      break;
    case Frame::Status::too_long:
      return CloseReason::message_too_long;
    case Frame::Status::incomplete:
      return CloseReason::message_incomplete;
    case Frame::Status::malformed:
      return CloseReason::message_malformed;
    case Frame::Status::failed:
      return CloseReason::handler_failed;
  }
  return CloseReason::none;
}

}  // namespace asyncd
