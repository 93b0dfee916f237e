#include "core/session/framers/plugin.h"

#include <algorithm>

namespace asyncd {

namespace {

// What the hook says must lie within the bytes that it was given.
bool within(const asyncd_frame& frame, std::size_t available) {
  return frame.total <= available && frame.message_offset <= frame.total &&
         frame.message_size <= frame.total - frame.message_offset;
}

}  // namespace

PluginFramer::PluginFramer(const asyncd_handler& hooks, void* self, std::uint64_t max_message)
    : hooks_(hooks),
      self_(self),
      max_message_(max_message),
      most_bytes_(static_cast<std::size_t>(std::min(max_message, SIZE_MAX - most_around_message) +
                                           most_around_message)) {}

Frame PluginFramer::next(std::string_view received, std::size_t scanned, bool ended) const {
  // However much one read has brought, the hook sees no more than a frame may take: what is too
  // long must not depend on how the network cuts the stream.
  const std::string_view input = received.substr(0, most_bytes_);
  // `scanned` carries the hook's own word on how many bytes it needs: asking earlier is useless.
  if (input.size() < scanned && !ended)
    return {.status = Frame::Status::need_more, .scanned = scanned};
  asyncd_frame frame{};
  frame.size = sizeof frame;
  try {
    if (hooks_.frame(self_, input.data(), input.size(), &frame) != 0)
      return {.status = Frame::Status::malformed};
  } catch (...) {
    return {.status = Frame::Status::failed};
  }
  if (!within(frame, input.size())) return {.status = Frame::Status::failed};
  if (frame.total != 0) {
    if (frame.message_size > max_message_) return {.status = Frame::Status::too_long};
    const auto offset = static_cast<std::size_t>(frame.message_offset);
    return {.status = Frame::Status::complete,
            .message = input.substr(offset, static_cast<std::size_t>(frame.message_size)),
            .total = static_cast<std::size_t>(frame.total)};
  }
  if (input.size() == most_bytes_ || frame.needed > most_bytes_)
    return {.status = Frame::Status::too_long};
  if (ended)
    return {.status = Frame::Status::incomplete,
            .expected = static_cast<std::size_t>(frame.needed)};
  return {.status = Frame::Status::need_more, .scanned = static_cast<std::size_t>(frame.needed)};
}

}  // namespace asyncd
