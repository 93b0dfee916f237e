#include "core/io/stats.h"

#include <numeric>

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

void Stats::on_closed(CloseReason reason, const SessionCounters& counters) {
  add(closed_[static_cast<std::size_t>(reason)], 1);
  add(messages_received_, counters.messages_received);
  add(messages_sent_, counters.messages_sent);
  add(errors_sent_, counters.errors_sent);
  add(bytes_received_, counters.bytes_received);
  add(bytes_sent_, counters.bytes_sent);
  leave();
}

StatsSnapshot Stats::snapshot() const {
  StatsSnapshot result;
  result.accepted = accepted_;
  result.active = active_;
  result.accept_errors = accept_errors_;
  result.long_turns = long_turns_;
  for (std::size_t i = 0; i < closed_.size(); ++i) result.closed[i] = closed_[i];
  for (std::size_t i = 0; i < rejected_.size(); ++i) result.rejected[i] = rejected_[i];
  result.sessions = {.messages_received = messages_received_,
                     .messages_sent = messages_sent_,
                     .errors_sent = errors_sent_,
                     .bytes_received = bytes_received_,
                     .bytes_sent = bytes_sent_};
  return result;
}

}  // namespace asyncd
