// DeadlineWheel: the deadlines of a loop's connections, in a hashed timing wheel (Varghese and
// Lauck, 1987, scheme 6). Setting a deadline is O(1) and never allocates; a node that is due comes
// out at most one tick late. Owned by one loop's thread.
//
// Lazy on purpose: a deadline that only moves later is not moved in the wheel. The node comes out
// at its old time, its owner looks at the session's real deadline, and arms it again; so a message
// costs the wheel nothing.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

#include "core/base/clock.h"

namespace asyncd {

class DeadlineWheel {
 public:
  static constexpr Duration tick = std::chrono::milliseconds(16);  // unless it is told otherwise

  class Node {
   public:
    Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() { disarm(); }

    bool armed() const { return next_ != nullptr; }

    void disarm() {
      if (next_ == nullptr) return;
      next_->previous_ = previous_;
      previous_->next_ = next_;
      next_ = previous_ = nullptr;
    }

   private:
    friend class DeadlineWheel;

    Node* next_ = nullptr;
    Node* previous_ = nullptr;
    Instant deadline_{};
  };

  explicit DeadlineWheel(Instant start, Duration its_tick = tick);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  // Arms `node` unless it is armed for an earlier time already; `never` leaves it as it is. True:
  // the wheel has changed.
  bool arm(Node& node, Instant deadline);

  // When advance should be called next: `never` while nothing is armed, and possibly too early.
  Instant next() const;

  // Takes the nodes that are due at `now` out, one by one. `due(Node&)` may arm nodes again, and
  // destroy the node it got.
  template <class Due>
  void advance(Instant now, Due due) {
    const std::uint64_t target = tick_of(now);
    collect(target);
    while (Node* node = first_due()) due(*node);
  }

 private:
  static constexpr std::size_t slot_count = 1024;
  static constexpr std::size_t word_bits = 64;

  std::uint64_t tick_of(Instant time) const;
  void link(Node& head, Node& node);
  void place(Node& node);
  void collect(std::uint64_t target);
  void collect_slot(std::size_t slot, std::uint64_t target);
  Node* first_due();

  Instant start_;
  Duration tick_;
  std::uint64_t current_ = 0;           // ticks that are over
  std::array<Node, slot_count> slots_;  // heads of circular lists
  Node due_;
  std::array<std::uint64_t, slot_count / word_bits> occupied_{};
};

}  // namespace asyncd
