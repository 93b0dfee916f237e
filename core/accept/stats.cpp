#include "core/accept/stats.h"

#include <numeric>
#include <string>

#include "core/log/log.h"

namespace asyncd {

namespace {

template <std::size_t count>
void sum_up(std::array<std::uint64_t, count>& sums, const std::array<std::uint64_t, count>& more) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += more[i];
}

}  // namespace

// Names all members, so that it does not compile without one of them.
StatsSnapshot& StatsSnapshot::operator+=(const StatsSnapshot& other) {
  const auto& [more_accepted, more_active, more_closed, more_rejected, more_accept_errors,
               more_long_turns, more_sessions] = other;
  accepted += more_accepted;
  active += more_active;
  sum_up(closed, more_closed);
  sum_up(rejected, more_rejected);
  accept_errors += more_accept_errors;
  long_turns += more_long_turns;
  sessions += more_sessions;
  return *this;
}

std::uint64_t StatsSnapshot::closed_in_all() const {
  return std::accumulate(closed.begin(), closed.end(), std::uint64_t{0});
}

std::uint64_t StatsSnapshot::rejected_in_all() const {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

Stats::Tally::Tally(Stats& stats) : stats_(stats) {
  const std::lock_guard lock(stats_.mutex_);
  next_ = stats_.tallies_;
  if (next_ != nullptr) next_->previous_ = this;
  stats_.tallies_ = this;
}

// Under the lock that readers take, too: nothing is counted twice, or missed.
Stats::Tally::~Tally() {
  const std::lock_guard lock(stats_.mutex_);
  (previous_ == nullptr ? stats_.tallies_ : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  stats_.past_ += read();
}

SessionCounters Stats::Tally::read() const {
  SessionCounters counters;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    counters.*session_counters[i] = counts_[i].load(std::memory_order_relaxed);
  return counters;
}

// Those that have ended are read first: each of them is among the accepted that are read
// afterwards.
StatsSnapshot Stats::look() const {
  StatsSnapshot result;
  for (std::size_t i = 0; i < closed_.size(); ++i) result.closed[i] = closed_[i];
  for (std::size_t i = 0; i < rejected_.size(); ++i) result.rejected[i] = rejected_[i];
  result.accepted = accepted_;
  result.active = result.accepted - result.closed_in_all() - result.rejected_in_all();
  return result;
}

// Where none has ended meanwhile, all figures are of one moment. Else more seem to be active than
// ever were; so it looks again, but not for ever.
StatsSnapshot Stats::connections() const {
  StatsSnapshot before = look();
  for (int i = 0; i < 100; ++i) {
    StatsSnapshot now = look();
    if (now.closed == before.closed && now.rejected == before.rejected) return before;
    before = now;
  }
  return before;
}

std::uint64_t Stats::active() const { return look().active; }

StatsSnapshot Stats::snapshot() const {
  StatsSnapshot result = connections();
  for (std::size_t i = 0; i < turned_away_.size(); ++i) {
    const std::uint64_t count = turned_away_[i];
    result.rejected[i] += count;
    result.accepted += count;
  }
  result.accept_errors = accept_errors_;
  result.long_turns = long_turns_;
  const std::lock_guard lock(mutex_);
  result.sessions = past_;
  for (const Tally* tally = tallies_; tally != nullptr; tally = tally->next_)
    result.sessions += tally->read();
  return result;
}

namespace {

// "idle_timeout:2,drained:1"
template <class Reason, std::size_t count>
std::string by_reason(const std::array<std::uint64_t, count>& counts) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    if (counts[i] != 0)
      text.append(text.empty() ? "" : ",")
          .append(name_of(static_cast<Reason>(i)))
          .append(":")
          .append(std::to_string(counts[i]));
  return text.empty() ? "none" : text;
}

}  // namespace

// Names all members, too.
void log_books(std::string_view listener, const StatsSnapshot& books) {
  const auto& [accepted, active, closed, rejected, accept_errors, long_turns, sessions] = books;
  const auto& [messages, replies, errors, bytes_in, bytes_out] = sessions;
  log::info("books", "books",
            {{"listener", listener},
             {"accepted", accepted},
             {"active", active},
             {"closed", by_reason<CloseReason>(closed)},
             {"rejected", by_reason<RejectReason>(rejected)},
             {"accept_errors", accept_errors},
             {"long_turns", long_turns},
             {"messages", messages},
             {"replies", replies},
             {"errors", errors},
             {"bytes_in", bytes_in},
             {"bytes_out", bytes_out}});
}

}  // namespace asyncd
