// A prefix of 1, 2, 4 or 8 bytes, in either byte order, counts the bytes of the message that
// follows it. Replies likewise.
#pragma once

#include "core/session/framer.h"

namespace asyncd {

class LengthFramer final : public Framer {
 public:
  LengthFramer(std::uint32_t prefix_size, ByteOrder order, std::uint64_t max_message);
  Frame next(std::string_view input, std::size_t scanned, bool ended) const override;
  void write_prefix(char* prefix, std::uint64_t reply_size) const override;

 private:
  // The prefix byte that counts units of 256^index.
  std::size_t place(std::size_t index) const {
    return order_ == ByteOrder::little ? index : prefix_size_ - 1 - index;
  }

  ByteOrder order_;
  std::uint64_t max_message_;
};

}  // namespace asyncd
