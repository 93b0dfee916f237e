#include "cmd/bench/drive/pace.h"

#include <algorithm>
#include <utility>

namespace asyncd::bench {

Pace::Pace(const LoadPlan& plan, const Course& course, Recorder& recorder)
    : plan_(plan), course_(course), recorder_(recorder) {
  if (plan.is_open_loop()) schedule_.emplace(plan.rate, plan.poisson, plan.seed);
}

void Pace::start(Instant now) {
  if (schedule_) schedule_->start(now);
}

void Pace::begin_measuring(Instant now) {
  begun_ -= std::exchange(through_, 0);
  end_ = after(now, plan_.duration);
}

bool Pace::is_over(Instant now) const {
  return now >= end_ || (plan_.requests != 0 && through_ >= plan_.requests);
}

bool Pace::may_begin() const {
  return plan_.requests == 0 || course_.phase == RunPhase::warming || begun_ < plan_.requests;
}

void Pace::count_begun(Instant intended) {
  ++begun_;
  recorder_.sent();
  if (schedule_ && intended >= recorder_.began()) recorder_.due();
}

Instant Pace::take_due() {
  const Instant intended = schedule_->take();
  if (intended >= recorder_.began())
    recorder_.lagged(std::max<Duration>(Duration(0), back_ - std::max(intended, away_)));
  return intended;
}

void Pace::note_absence(Instant since, Instant now) {
  // Behind a long absence, what was due in it comes one by one; no short one hides it meanwhile.
  if (now - since < back_ - away_ && schedule_->next() < back_) return;
  away_ = since;
  back_ = now;
}

void Pace::count_never_begun() {
  while (is_more_due()) {
    const Instant intended = schedule_->take();
    count_begun(intended);
    if (intended >= recorder_.began()) ++recorder_.measured().unanswered;
  }
}

}  // namespace asyncd::bench
