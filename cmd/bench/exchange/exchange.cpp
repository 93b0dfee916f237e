#include "cmd/bench/exchange/exchange.h"

namespace asyncd::bench {

Exchange::Exchange(const Tape& tape, const ReplyChecker& checker, std::size_t depth)
    : tape_(tape), checker_(checker), moments_(depth) {}

void Exchange::restart(std::size_t first) {
  head_ = in_flight_ = unsent_ = 0;
  begun_ = answered_ = first % tape_.size();
  sent_at_ = tape_.request_begin(begun_);
  got_at_ = tape_.reply_begin(answered_);
  strange_.clear();
}

void Exchange::resume() {
  unsent_ = in_flight_;
  sent_at_ = tape_.request_begin(answered_);
  got_at_ = tape_.reply_begin(answered_);
  strange_.clear();
}

void Exchange::begin(Moments moments) {
  std::size_t place = head_ + in_flight_;
  if (place >= moments_.size()) place -= moments_.size();
  moments_[place] = moments;
  ++in_flight_;
  ++unsent_;
  begun_ = next(begun_);
}

std::string_view Exchange::unsent() const {
  if (unsent_ == 0) return {};
  const bool wraps = begun_ < unsent_;
  const std::uint64_t end = wraps ? tape_.requests().size() : tape_.request_end(begun_ - 1);
  return tape_.requests().substr(sent_at_, end - sent_at_);
}

}  // namespace asyncd::bench
