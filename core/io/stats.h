// The books of a listener: what came, what went, and why. They balance: accepted = active + closed by reason. Written
// once per connection, read by anybody at any time; counters never go down.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "core/io/refusal.h"
#include "core/session/close_reason.h"
#include "core/session/session.h"

namespace asyncd {

struct StatsSnapshot {
  std::uint64_t accepted = 0;
  std::uint64_t active = 0;
  std::array<std::uint64_t, close_reason_count> closed{};
  std::array<std::uint64_t, reject_reason_count> rejected{};
  std::uint64_t accept_errors = 0;
  std::uint64_t long_turns = 0;  // in which a handler held up its event loop
  SessionCounters sessions;      // of closed connections

  StatsSnapshot& operator+=(const StatsSnapshot& other);
  std::uint64_t closed_in_all() const;
  std::uint64_t rejected_in_all() const;
};

class Stats {
 public:
  void on_accepted() { add(accepted_, 1), add(active_, 1); }
  void on_turned_away(RejectReason reason) { add(accepted_, 1), add(rejected_[static_cast<std::size_t>(reason)], 1); }
  void on_accept_error() { add(accept_errors_, 1); }
  void on_long_turn() { add(long_turns_, 1); }
  void on_rejected(RejectReason reason) { add(rejected_[static_cast<std::size_t>(reason)], 1), leave(); }
  void on_closed(CloseReason reason, const SessionCounters& counters);

  std::uint64_t active() const { return active_.load(); }
  StatsSnapshot snapshot() const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter, std::uint64_t amount) { counter.fetch_add(amount, std::memory_order_relaxed); }
  void leave() { active_.fetch_sub(1); }

  Counter accepted_{0}, active_{0}, accept_errors_{0}, long_turns_{0};
  std::array<Counter, close_reason_count> closed_{};
  std::array<Counter, reject_reason_count> rejected_{};
  Counter messages_received_{0}, messages_sent_{0}, errors_sent_{0}, bytes_received_{0}, bytes_sent_{0};
};

}  // namespace asyncd
