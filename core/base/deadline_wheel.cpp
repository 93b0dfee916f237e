#include "core/base/deadline_wheel.h"

#include <algorithm>

namespace asyncd {

DeadlineWheel::DeadlineWheel(Instant start, Duration its_tick) : start_(start), tick_(its_tick) {
  for (Node& head : slots_) head.next_ = head.previous_ = &head;
  due_.next_ = due_.previous_ = &due_;
}

DeadlineWheel::~DeadlineWheel() {
  const auto empty = [](Node& head) {
    while (head.next_ != &head) head.next_->disarm();
    head.next_ = head.previous_ = nullptr;
  };
  std::for_each(slots_.begin(), slots_.end(), empty);
  empty(due_);
}

// The first tick at whose end `time` is over.
std::uint64_t DeadlineWheel::tick_of(Instant time) const {
  return time <= start_ ? 0 : static_cast<std::uint64_t>((time - start_) / tick_);
}

void DeadlineWheel::link(Node& head, Node& node) {
  node.previous_ = head.previous_;
  node.next_ = &head;
  head.previous_->next_ = &node;
  head.previous_ = &node;
}

void DeadlineWheel::place(Node& node) {
  // Rounded up, so that a node never comes out before its time.
  const std::uint64_t due_tick = std::max(tick_of(node.deadline_) + 1, current_ + 1);
  const std::size_t slot = due_tick % slot_count;
  link(slots_[slot], node);
  occupied_[slot / word_bits] |= std::uint64_t{1} << (slot % word_bits);
}

bool DeadlineWheel::arm(Node& node, Instant deadline) {
  if (deadline == never || (node.armed() && node.deadline_ <= deadline)) return false;
  node.disarm();
  node.deadline_ = deadline;
  place(node);
  return true;
}

Instant DeadlineWheel::next() const {
  for (std::size_t ahead = 1; ahead <= slot_count;) {
    const std::size_t slot = (current_ + ahead) % slot_count;
    const std::uint64_t rest = occupied_[slot / word_bits] >> (slot % word_bits);
    if (rest == 0) {
      ahead += word_bits - slot % word_bits;
      continue;
    }
    ahead += static_cast<std::size_t>(std::countr_zero(rest));
    return start_ + (current_ + ahead) * tick_;
  }
  return never;
}

void DeadlineWheel::collect(std::uint64_t target) {
  if (target <= current_) return;
  // After a long sleep each slot is looked at once, not once for every turn of the wheel that was
  // missed.
  const std::uint64_t steps = std::min<std::uint64_t>(target - current_, slot_count);
  for (std::uint64_t i = 1; i <= steps; ++i) collect_slot((current_ + i) % slot_count, target);
  current_ = target;
}

void DeadlineWheel::collect_slot(std::size_t slot, std::uint64_t target) {
  Node& head = slots_[slot];
  for (Node* node = head.next_; node != &head;) {
    Node* following = node->next_;
    if (tick_of(node->deadline_) < target) {
      node->disarm();
      link(due_, *node);
    }
    node = following;
  }
  if (head.next_ == &head) occupied_[slot / word_bits] &= ~(std::uint64_t{1} << (slot % word_bits));
}

DeadlineWheel::Node* DeadlineWheel::first_due() {
  if (due_.next_ == &due_) return nullptr;
  Node* node = due_.next_;
  node->disarm();
  return node;
}

}  // namespace asyncd
