#include "cmd/bench/drive/judge.h"

#include "core/session/limits.h"
#include "sdk/asyncd.h"

namespace asyncd::bench {

Judge::Judge(const Framing& framing, Check check, std::optional<std::regex> pattern)
    : check_(check), pattern_(std::move(pattern)) {
  if (traits_of(framing.kind).can_cut)
    framer_ = make_framer(framing, unlimited_count - 1, asyncd_handler{}, nullptr);
}

Judge::Reply Judge::read(std::string_view bytes) const {
  std::string_view text = bytes;
  std::size_t size = bytes.size();
  if (framer_) {
    const Frame frame = framer_->next(bytes, 0, false);
    if (frame.status != Frame::Status::complete) return {};
    text = frame.message;
    size = frame.total;
  }
  if (text.starts_with("error: ")) return {size, Verity::error};
  if (check_ == Check::tape) return {size, Verity::wrong};  // else there would be no question
  if (pattern_ && text.size() > longest_matched) return {size, Verity::too_long};
  const bool right = !pattern_ || std::regex_match(text.begin(), text.end(), *pattern_);
  return {size, right ? Verity::right : Verity::wrong};
}

}  // namespace asyncd::bench
