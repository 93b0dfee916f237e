#include "core/session/framers/length.h"

#include <algorithm>

namespace asyncd {

LengthFramer::LengthFramer(std::uint32_t prefix_size, ByteOrder order, std::uint64_t max_message)
    : order_(order), max_message_(std::min<std::uint64_t>(max_message, SIZE_MAX - prefix_size)) {
  prefix_size_ = prefix_size;
  if (prefix_size < 8) longest_reply_ = (std::uint64_t{1} << (8 * prefix_size)) - 1;
}

Frame LengthFramer::next(std::string_view input, std::size_t, bool ended) const {
  if (input.size() < prefix_size_)
    return {.status = ended ? Frame::Status::incomplete : Frame::Status::need_more,
            .expected = prefix_size_};
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < prefix_size_; ++i)
    size |= std::uint64_t{static_cast<unsigned char>(input[place(i)])} << (8 * i);
  // Refused before a byte of it is stored; so the sum below cannot overflow either.
  if (size > max_message_) return {.status = Frame::Status::too_long};
  const std::size_t total = prefix_size_ + static_cast<std::size_t>(size);
  if (input.size() >= total)
    return {.status = Frame::Status::complete,
            .message = input.substr(prefix_size_, static_cast<std::size_t>(size)),
            .total = total};
  return {.status = ended ? Frame::Status::incomplete : Frame::Status::need_more,
          .expected = total};
}

void LengthFramer::write_prefix(char* prefix, std::uint64_t reply_size) const {
  for (std::size_t i = 0; i < prefix_size_; ++i)
    prefix[place(i)] = static_cast<char>(reply_size >> (8 * i));
}

}  // namespace asyncd
