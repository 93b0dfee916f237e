#include "tests/support/sim_operations.h"

#include <utility>

namespace asyncd::test {

bool SimOperations::pending(SimName owner, What what) const {
  return std::any_of(operations_.begin(), operations_.end(),
                     [&](const Operation& one) { return one.owner == owner && one.what == what; });
}

bool SimOperations::any_of(SimName owner) const {
  return std::any_of(operations_.begin(), operations_.end(),
                     [&](const Operation& one) { return one.owner == owner; });
}

void SimOperations::give_up(SimName owner) {
  std::erase_if(operations_, [&](Operation& operation) {
    if (operation.owner != owner) return false;
    operation.at = world_.delayed();
    if (world_.style.kind == SimKind::completions || operation.what == What::turn) return false;
    if (world_.random.chance(50)) events_.push_back({operation.owner, operation.what});
    return true;
  });
}

SimOperations::Event SimOperations::pick_event() {
  std::swap(events_[world_.random.between(0, events_.size() - 1)], events_.back());
  const Event event = events_.back();
  events_.pop_back();
  return event;
}

std::optional<SimOperations::Operation> SimOperations::take(const Event& event) {
  const auto found = std::find_if(
      operations_.begin(), operations_.end(),
      [&](const Operation& one) { return one.owner == event.owner && one.what == event.what; });
  if (found == operations_.end()) return std::nullopt;
  std::optional<Operation> operation(std::move(*found));
  operations_.erase(found);
  return operation;
}

}  // namespace asyncd::test
