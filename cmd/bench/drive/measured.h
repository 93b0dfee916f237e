// Measured: what a load has come to, in plain values; and the Recorder that gathers it. One owner;
// one thread.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "cmd/bench/statistics/histogram.h"
#include "core/base/enum_names.h"

namespace asyncd::bench {

// Ways to fail, counted apart. The last two are of messages that were answered, the others of
// connections.
enum class Failure : std::uint8_t {
  refused,
  no_port,
  no_resource,
  unreachable,
  reset,
  early_eof,
  timeout,
  wrong_reply,
  error_reply,
};
// For programs.
constexpr std::string_view name_of(Failure failure) {
  switch (failure) {
    case Failure::refused:
      return "connect_refused";
    case Failure::no_port:
      return "no_local_port";
    case Failure::no_resource:
      return "no_resource";
    case Failure::unreachable:
      return "unreachable";
    case Failure::reset:
      return "reset";
    case Failure::early_eof:
      return "early_eof";
    case Failure::timeout:
      return "timeout";
    case Failure::wrong_reply:
      return "wrong_reply";
    case Failure::error_reply:
      return "error_reply";
  }
  return "";
}
std::string_view text_of(Failure failure);  // for people

struct Counts {
  std::uint64_t sent = 0;      // messages begun
  std::uint64_t answered = 0;  // rightly
  std::uint64_t lost = 0;      // their connection ended before the reply
  // connections that the server has ended between two messages: no failure
  std::uint64_t reopened = 0;
  // messages that were under way then, and were sent again on the next connection
  std::uint64_t resent = 0;
  std::array<std::uint64_t, value_count<Failure>> failures{};

  std::uint64_t& of(Failure failure) { return failures[static_cast<std::size_t>(failure)]; }
  std::uint64_t of(Failure failure) const { return failures[static_cast<std::size_t>(failure)]; }
  std::uint64_t failed() const {
    return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
  }
};

struct Second {
  Duration at{};      // since measuring began, of its end
  Duration length{};  // about a second; the last one may be shorter
  std::uint64_t connections = 0;
  std::uint64_t sent = 0, answered = 0, failed = 0;
  Duration p50{}, p99{}, max{};

  double rate() const {
    return length.count() == 0 ? 0 : static_cast<double>(answered) * 1e9 / double(length.count());
  }
};

struct Measured {
  // from the intended moment of sending to the reply; of one-shot clients, to the end
  Histogram latency;
  Histogram service;  // open loop only: from the actual moment
  // open loop only: how much later than intended it was sent though a connection was free
  Histogram lag;
  Counts counts;
  Duration elapsed{};
  std::uint64_t due = 0;         // open loop: messages whose moment came while it measured
  std::uint64_t unanswered = 0;  // ... and of those without an answer at the end
  // closed loop: clients that waited at the end, far longer than for any reply
  std::uint64_t waiting = 0;
  Duration longest_wait{};        // ... and that one which waited longest
  std::uint64_t connections = 0;  // the most that were open at once
  std::uint64_t idle_held = 0;    // silent connections, at the end
  std::uint64_t chaos_turns = 0;  // what misbehaving clients did
  std::vector<Second> seconds;
  // Open loop: the part of what was due that was answered. By messages, not by the rate: by chance
  // a few more or less are due. One is under way at the end of any time.
  double kept() const {
    return due == 0 ? 1 : static_cast<double>(counts.answered + 1) / static_cast<double>(due);
  }

  bool partial = false;  // the user ended it early
  bool gave_up = false;  // no connection succeeded for a long time

  double rate() const {
    return elapsed.count() == 0
               ? 0
               : static_cast<double>(counts.answered) * 1e9 / double(elapsed.count());
  }
};

class Recorder {
 public:
  // What was counted before is forgotten.
  void begin(Instant now);
  void end(Instant now, std::uint64_t connections);
  bool recording() const { return recording_; }
  Instant began() const { return began_; }  // never, before it has

  void sent() {
    if (recording_) ++second_.sent;
  }
  void failed(Failure failure) {
    ++measured_.counts.of(failure);
    ++second_.failed;
  }
  void lost(std::uint64_t messages) { measured_.counts.lost += messages; }
  void reopened(std::uint64_t resent) {
    if (!recording_) return;
    ++measured_.counts.reopened;
    measured_.counts.resent += resent;
  }
  void answered(Duration latency) {
    if (!recording_) return;
    ++second_.answered;
    latency_.record(latency);
  }
  // Open loop: the reply to a message of the warm-up counts for the rate alone, one that comes
  // after the end for the times alone.
  void answered_early() {
    if (recording_) ++second_.answered;
  }
  void answered_late(Duration latency) { measured_.latency.record(latency); }
  void served(Duration service) { measured_.service.record(service); }
  void due() { ++measured_.due; }
  void lagged(Duration lag) { measured_.lag.record(lag); }

  // Ends the running second where it is over; the second, or null.
  const Second* roll(Instant now, std::uint64_t connections);

  Measured& measured() { return measured_; }

 private:
  const Second& close_second(Instant now, std::uint64_t connections);

  Measured measured_;
  Histogram latency_;  // of this second
  Second second_;
  Instant began_ = never, second_began_ = never;
  bool recording_ = false;
};

}  // namespace asyncd::bench
