#include "core/session/framers/plugin.h"

namespace asyncd {

namespace {

// What the hook says must lie within the bytes that it was given.
bool within(const asyncd_frame& frame, std::size_t available) {
  return frame.total <= available && frame.message_offset <= frame.total &&
         frame.message_size <= frame.total - frame.message_offset;
}

}  // namespace

Frame PluginFramer::next(std::string_view input, std::size_t scanned, bool ended) const {
  // `scanned` carries the hook's own word on how many bytes it needs: asking earlier is useless.
  if (input.size() < scanned && !ended) return {.status = Frame::Status::need_more, .scanned = scanned};
  asyncd_frame frame{};
  frame.size = sizeof frame;
  try {
    if (hooks_.frame(self_, input.data(), input.size(), &frame) != 0) return {.status = Frame::Status::malformed};
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
  if (input.size() > max_message_ || frame.needed > max_message_) return {.status = Frame::Status::too_long};
  if (ended) return {.status = Frame::Status::incomplete, .expected = static_cast<std::size_t>(frame.needed)};
  return {.status = Frame::Status::need_more, .scanned = static_cast<std::size_t>(frame.needed)};
}

}  // namespace asyncd
