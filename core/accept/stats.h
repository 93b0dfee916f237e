// The books of a listener: what came, what went, and why. They balance at any time: accepted =
// active + closed + rejected, the last two by their reasons. Counters never go down.
//
// Where connections are counted, any thread writes, once or twice for each of them. What happens on
// them is counted in Tallies, one for each thread that serves. Read by any thread at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "core/accept/refusal.h"
#include "core/base/enum_names.h"
#include "core/session/close_reason.h"
#include "core/session/counters.h"

namespace asyncd {

struct StatsSnapshot {
  std::uint64_t accepted = 0;
  std::uint64_t active = 0;
  std::array<std::uint64_t, value_count<CloseReason>> closed{};
  std::array<std::uint64_t, value_count<RejectReason>> rejected{};
  std::uint64_t accept_errors = 0;
  std::uint64_t long_turns = 0;  // in which a handler held up its event loop
  SessionCounters sessions;      // of all connections, those that are open included

  StatsSnapshot& operator+=(const StatsSnapshot& other);
  std::uint64_t closed_in_all() const;
  std::uint64_t rejected_in_all() const;
};

class Stats {
 public:
  // What one thread has counted on its connections. That thread alone writes it, so counting takes
  // neither a lock nor an atomic read-modify-write. Made and ended on any thread; what it has
  // counted stays in the books.
  class Tally {
   public:
    explicit Tally(Stats& stats);
    ~Tally();
    Tally(const Tally&) = delete;
    Tally& operator=(const Tally&) = delete;

    // A session has counted up to `now`, of which the tally has been told `told`.
    void add(const SessionCounters& now, SessionCounters& told) {
      for (std::size_t i = 0; i < counts_.size(); ++i) {
        const auto counter = session_counters[i];
        raise(counts_[i], now.*counter - told.*counter);
      }
      told = now;
    }

   private:
    friend class Stats;
    using Counter = std::atomic<std::uint64_t>;
    static void raise(Counter& counter, std::uint64_t amount) {
      counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    SessionCounters read() const;

    std::array<Counter, session_counters.size()> counts_{};
    Stats& stats_;
    Tally* previous_ = nullptr;
    Tally* next_ = nullptr;
  };

  void on_accepted() { ++accepted_; }
  // never accepted
  void on_turned_away(RejectReason reason) { ++turned_away_[static_cast<std::size_t>(reason)]; }
  void on_accept_error() { ++accept_errors_; }
  void on_long_turn() { ++long_turns_; }
  void on_rejected(RejectReason reason) { ++rejected_[static_cast<std::size_t>(reason)]; }
  void on_closed(CloseReason reason) { ++closed_[static_cast<std::size_t>(reason)]; }

  // To the accepting thread: not less than there are. Exact, while none ends.
  std::uint64_t active() const;
  StatsSnapshot snapshot() const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  StatsSnapshot look() const;
  StatsSnapshot connections() const;

  Counter accepted_{0}, accept_errors_{0}, long_turns_{0};
  std::array<Counter, value_count<CloseReason>> closed_{};
  std::array<Counter, value_count<RejectReason>> rejected_{};
  std::array<Counter, value_count<RejectReason>> turned_away_{};

  mutable std::mutex mutex_;  // for what follows
  SessionCounters past_;      // of tallies that have ended
  Tally* tallies_ = nullptr;
};

void log_books(std::string_view listener, const StatsSnapshot& books);

}  // namespace asyncd
