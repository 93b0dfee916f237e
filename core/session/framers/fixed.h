// Messages of a fixed number of bytes; the reply goes out as it is, whatever its size.
#pragma once

#include "core/session/framer.h"

namespace asyncd {

class FixedFramer final : public Framer {
 public:
  explicit FixedFramer(std::uint64_t message_size)
      : size_(static_cast<std::size_t>(message_size)) {}

  Frame next(std::string_view input, std::size_t, bool ended) const override {
    if (input.size() >= size_)
      return {.status = Frame::Status::complete, .message = input.substr(0, size_), .total = size_};
    if (ended) return {.status = Frame::Status::incomplete, .expected = size_};
    return {.status = Frame::Status::need_more};
  }

 private:
  std::size_t size_;
};

}  // namespace asyncd
