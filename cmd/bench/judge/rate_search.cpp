#include "cmd/bench/judge/rate_search.h"

namespace asyncd::bench {

namespace {

// What holds for a moment need not hold for long. The more often it does not, the more the machine
// has been doing beside it, so the further down the next one goes: by 5, 10, 20, 40 %.
constexpr double first_descent = 0.05;

}  // namespace

void RateSearch::choose() {
  if (steps_ < most_steps && high_ >= 1 && high_ - low_ > close_enough * high_) {
    rate_ = (low_ + high_) / 2;
    return;
  }
  // Where it has held at no rate, it does not for longer.
  gave_up_ = low_ == 0;
  rate_ = low_;
  refusals_ = 0;
}

void RateSearch::on_result(bool good) {
  if (!confirms()) {
    (good ? low_ : high_) = rate_;
    ++steps_;
    return choose();
  }
  if (good) {
    found_ = rate_;
    return;
  }
  rate_ *= 1 - first_descent * (1 << refusals_);
  gave_up_ = ++refusals_ == most_runs;
}

}  // namespace asyncd::bench
