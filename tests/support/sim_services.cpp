#include "tests/support/sim_services.h"

#include <algorithm>

namespace asyncd::test {

SimServices::SimServices(SimWorld& world, std::shared_ptr<const Service> service)
    : world_(world), slot_(std::move(service)) {
  if (!world_.blocks()) notice_ = world_.delayed() - world_.now;
}

void SimServices::replace() {
  while (next_change() <= world_.now) {
    Change change = std::move(changes_.front());
    changes_.erase(changes_.begin());
    const std::shared_ptr<const Service> before = slot_.get();
    slot_.put(std::move(change.service));
    ++count_;
    if (change.retires) slot_.retire(*before);
    if (told_at_ != never) continue;
    told_at_ = world_.blocks() ? world_.now + world_.random.time_up_to(slice) : world_.delayed();
  }
}

bool SimServices::is_told_of_change() {
  if (told_at_ > world_.now) return false;
  told_at_ = never;
  wants_refresh_ = true;
  return true;
}

StopFlag::Phase SimServices::phase() const {
  if (after(stop_at_, notice_) <= world_.now) return StopFlag::Phase::stopping;
  if (after(drain_at_, notice_) <= world_.now) return StopFlag::Phase::draining;
  return StopFlag::Phase::serving;
}

bool SimServices::has_new_phase() {
  if (phase() == obeyed_) return false;
  obeyed_ = phase();
  return true;
}

Instant SimServices::next_phase() const {
  Instant next = never;
  for (const Instant told : {after(drain_at_, notice_), after(stop_at_, notice_)})
    if (told > world_.now) next = std::min(next, told);
  return next;
}

}  // namespace asyncd::test
