#include "core/io/stats.h"

#include <numeric>
#include <string>

#include "core/base/log.h"

namespace asyncd {

StatsSnapshot& StatsSnapshot::operator+=(const StatsSnapshot& other) {
  accepted += other.accepted;
  active += other.active;
  accept_errors += other.accept_errors;
  long_turns += other.long_turns;
  for (std::size_t i = 0; i < closed.size(); ++i) closed[i] += other.closed[i];
  for (std::size_t i = 0; i < rejected.size(); ++i) rejected[i] += other.rejected[i];
  sessions += other.sessions;
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
  constexpr auto relaxed = std::memory_order_relaxed;
  return {.messages_received = messages_received_.load(relaxed),
          .messages_sent = messages_sent_.load(relaxed),
          .errors_sent = errors_sent_.load(relaxed),
          .bytes_received = bytes_received_.load(relaxed),
          .bytes_sent = bytes_sent_.load(relaxed)};
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

void log_books(std::string_view listener, const StatsSnapshot& books) {
  log::info("books", "books",
            {{"listener", listener},
             {"accepted", books.accepted},
             {"active", books.active},
             {"closed", by_reason<CloseReason>(books.closed)},
             {"rejected", by_reason<RejectReason>(books.rejected)},
             {"accept_errors", books.accept_errors},
             {"long_turns", books.long_turns},
             {"messages", books.sessions.messages_received},
             {"replies", books.sessions.messages_sent},
             {"errors", books.sessions.errors_sent},
             {"bytes_in", books.sessions.bytes_received},
             {"bytes_out", books.sessions.bytes_sent}});
}

}  // namespace asyncd
