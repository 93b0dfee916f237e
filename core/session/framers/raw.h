// What one read returned is one message, and the reply goes out as it is: no framing at all.
#pragma once

#include "core/session/framer.h"

namespace asyncd {

class RawFramer final : public Framer {
 public:
  explicit RawFramer(std::uint64_t max_message) : max_message_(max_message) {
    goes_by_reads_ = true;
  }

  Frame next(std::string_view input, std::size_t, bool) const override {
    if (input.size() > max_message_) return {.status = Frame::Status::too_long};
    return {.status = Frame::Status::complete, .message = input, .total = input.size()};
  }

 private:
  std::uint64_t max_message_;
};

}  // namespace asyncd
