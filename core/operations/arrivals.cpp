#include "core/operations/arrivals.h"

#include <utility>

namespace asyncd {

void Arrivals::add(asyncd_op& op) noexcept {
  const std::lock_guard lock(mutex_);
  wake_for_first();
  (first_ == nullptr ? first_ : Pending::of(*last_).follower) = &op;
  last_ = &op;
}

void Arrivals::add(std::shared_ptr<NameLookup> lookup) noexcept {
  const std::lock_guard lock(mutex_);
  if (reactor_ == nullptr) return;
  wake_for_first();
  lookup->next = std::exchange(lookups_, lookup);
}

// With the lock held: once it has been told, the loop may end.
void Arrivals::wake_for_first() noexcept {
  if (first_ == nullptr && lookups_ == nullptr) reactor_->wake();
}

Arrivals::Taken Arrivals::take() noexcept {
  const std::lock_guard lock(mutex_);
  return {std::exchange(first_, nullptr), std::exchange(lookups_, nullptr)};
}

void Arrivals::end() noexcept {
  std::shared_ptr<NameLookup> forgotten;  // freed without the lock
  const std::lock_guard lock(mutex_);
  forgotten.swap(lookups_);
  reactor_ = nullptr;
}

}  // namespace asyncd
