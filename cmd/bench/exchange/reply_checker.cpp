#include "cmd/bench/exchange/reply_checker.h"

#include "core/session/limits.h"
#include "sdk/asyncd.h"

namespace asyncd::bench {

ReplyChecker::ReplyChecker(const Framing& framing, Check check, std::optional<std::regex> pattern)
    : check_(check), pattern_(std::move(pattern)) {
  if (traits_of(framing.kind).can_cut)
    framer_ = make_framer(framing, unlimited_count - 1, asyncd_handler{}, nullptr);
}

ReplyChecker::Reply ReplyChecker::read(std::string_view bytes) const {
  std::string_view text = bytes;
  std::size_t size = bytes.size();
  if (framer_) {
    const Frame frame = framer_->next(bytes, 0, false);
    if (frame.status != Frame::Status::complete) return {};
    text = frame.message;
    size = frame.total;
  }
  if (text.starts_with("error: ")) return {size, ReplyStatus::error};
  if (check_ == Check::tape) return {size, ReplyStatus::wrong};  // else there would be no question
  if (pattern_ && text.size() > longest_matched) return {size, ReplyStatus::too_long};
  const bool right = !pattern_ || std::regex_match(text.begin(), text.end(), *pattern_);
  return {size, right ? ReplyStatus::right : ReplyStatus::wrong};
}

}  // namespace asyncd::bench
