#include "core/session/framers/line.h"

#include <cstring>

namespace asyncd {

LineFramer::LineFramer(std::uint64_t max_message) : max_message_(max_message) {
  has_line_end_ = true;
}

Frame LineFramer::next(std::string_view input, std::size_t scanned, bool ended) const {
  const char* begin = input.data();
  const void* found = std::memchr(begin + scanned, '\n', input.size() - scanned);
  const bool complete = found != nullptr;
  if (!complete && !ended) {
    // One byte over the limit, which may be the largest of all numbers, may still be the CR of a
    // line's end.
    if (input.size() - 1 > max_message_) return {.status = Frame::Status::too_long};
    return {.status = Frame::Status::need_more, .scanned = input.size()};
  }
  const std::size_t line =
      complete ? static_cast<std::size_t>(static_cast<const char*>(found) - begin) : input.size();
  const std::size_t size = complete && line > 0 && begin[line - 1] == '\r' ? line - 1 : line;
  if (size > max_message_) return {.status = Frame::Status::too_long};
  return {.status = Frame::Status::complete,
          .message = input.substr(0, size),
          .total = line + (complete ? 1 : 0)};
}

}  // namespace asyncd
