#include "client_check.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim {

namespace {

using asyncd::after;
using asyncd::CloseReason;
using asyncd::Duration;
using asyncd::Instant;
using asyncd::never;
using asyncd::test::Move;
using asyncd::test::SimPeer;
using std::chrono::milliseconds;

// A drain waits no longer for a client that says nothing.
constexpr Duration longest_silence = milliseconds(500);

// The client would take no more, and its system says so to the server.
bool gave_up(const SimPeer& peer) { return peer.has_reset() || peer.has_left(); }

// The server has waited for the client's end as long as it promises, so what comes later may not be
// read.
bool let_go(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  if (peer.shut_at == never) return false;
  const asyncd::Limits& limits = one.serving.limits;
  const bool draining = told_to_end(one) <= peer.closed_at;
  // The end of a client that has never spoken is not waited for.
  if (draining && peer.reads.empty() && peer.writes.empty()) return true;
  // Nor for one that takes nothing of what it is owed, though it still sends.
  const Instant took =
      std::max(peer.shut_at, last_before(peer.closed_at, peer.taken(), peer.shut_at));
  if (total_before(peer.closed_at, peer.taken()) != peer.written.size() &&
      peer.closed_at - took >= limits.write_timeout)
    return true;
  const Instant heard =
      peer.reads.empty() ? peer.shut_at : std::max(peer.shut_at, peer.reads.back().at);
  const Duration silence =
      draining ? std::min(limits.linger_idle_timeout, longest_silence) : limits.linger_idle_timeout;
  return peer.closed_at - heard >= silence ||
         peer.closed_at - peer.shut_at >= limits.linger_timeout;
}

// No byte is lost, made up, moved, or sent after the end.
void check_bytes(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  EXPECT_EQ(peer.written, one.expected.output.substr(0, peer.written.size()));
  EXPECT_EQ(peer.received(), peer.written.substr(0, peer.received().size()));
  EXPECT_EQ(peer.counters.bytes_sent, peer.written.size());
  EXPECT_EQ(peer.counters.bytes_received, peer.reads.empty() ? 0 : peer.reads.back().total);
}

// What looks like the end to the client is behind all replies.
void check_end(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  const auto& ends = one.expected.output_after;
  const bool whole = std::find(ends.begin(), ends.end(), peer.written.size()) != ends.end() ||
                     peer.written == one.expected.output;
  EXPECT_TRUE(whole || may_be_cut(one)) << "a reply was cut off";
  if (was_broken_off(one)) {
    EXPECT_FALSE(peer.saw_end()) << "the client takes for whole what was broken off";
  }
  if (peer.saw_end()) {
    EXPECT_TRUE(whole) << "what the client takes for the end is in the middle of a reply";
    EXPECT_EQ(peer.received(), peer.written);
    const std::size_t called =
        std::min<std::size_t>(peer.counters.messages_received, ends.size() - 1);
    EXPECT_GE(peer.written.size(), ends[called])
        << "what the client takes for the end lacks replies";
  }
  if (!may_be_cut(one) && !let_go(one)) {
    EXPECT_FALSE(peer.was_reset()) << "a reply was lost after it had been accepted";
  }
}

// A client that takes what comes is told in the end.
void check_farewell(const SimPeer& peer) {
  EXPECT_TRUE(peer.saw_end() || peer.was_reset() || gave_up(peer) || !peer.takes())
      << "the client waits for ever";
}

// Every message that was there in time is answered, unless there is a reason to give up.
void check_answers(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  const Expected& expected = one.expected;
  if (may_be_cut(one)) return;
  if (peer.reason == expected.reason) {
    EXPECT_EQ(peer.written, expected.output);
    return;
  }
  const auto written_after = [&](std::size_t bytes) {
    return expected.output_after[expected.messages_in(bytes)];
  };
  EXPECT_GE(peer.written.size(), written_after(total_before(peer.closing_since, peer.reads)))
      << "a message that was read was not answered";
  Instant in_time = peer.closing_since;
  if (peer.reason == CloseReason::drained)
    in_time = end_of_grace(one);
  else if (peer.reason == CloseReason::message_timeout ||
           tolerance(one.scenario) >= one.serving.limits.idle_timeout ||
           tolerance(one.scenario) >= one.serving.limits.first_byte_timeout)
    return;
  EXPECT_GE(peer.closing_since, in_time) << "it ended too early";
  const std::size_t arrived = total_before(in_time, peer.wire().arrivals());
  const std::size_t read = peer.reads.empty() ? 0 : peer.reads.back().total;
  EXPECT_GE(peer.written.size(), written_after(arrived))
      << "a message that was there in time was not answered";
  if (one.serving.framing.kind == asyncd::FramingKind::raw) {
    EXPECT_GE(read, arrived) << "what was there in time was not read";
  }
}

void check_reason(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  bool right = false;
  switch (peer.reason) {
    case CloseReason::client_reset:
      right = gave_up(peer);
      break;
    case CloseReason::drained:
      right = told_to_end(one) <= peer.closing_since;
      break;
    case CloseReason::stopped:
      right = one.scenario.stop <= peer.closed_at;
      break;
    case CloseReason::io_error:
      right = one.faults.operation != 0 && peer.faulted;
      break;
    case CloseReason::no_memory:
      right = one.faults.allocation != 0 && peer.faulted;
      break;
    case CloseReason::handler_failed:  // its memory may have failed in the middle of a reply
      right = peer.reason == one.expected.reason ||
              (one.serving.manner.flushes && one.faults.allocation != 0 && peer.faulted);
      break;
    case CloseReason::client_closed:
      right = peer.has_ended();
      [[fallthrough]];
    default:
      right = peer.reason == one.expected.reason &&
              (right || peer.reason != CloseReason::client_closed);
      break;
    case CloseReason::first_byte_timeout:
    case CloseReason::idle_timeout:
    case CloseReason::message_timeout:
    case CloseReason::write_timeout:
      return;  // see check_times
  }
  EXPECT_TRUE(right) << name_of(peer.reason) << " rather than " << name_of(one.expected.reason);
}

// A client that never had a session.
void check_turned_away(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  EXPECT_EQ(peer.written, "");
  if (peer.rejected) {
    EXPECT_TRUE(one.serving.refuses_workers || one.faults.allocation != 0 ||
                one.scenario.stop <= peer.closed_at);
  } else {
    EXPECT_LE(std::min(one.scenario.drain, one.scenario.stop),
              std::max(peer.arrives(), one.scenario.stop));
  }
}

void check_everything(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  EXPECT_EQ(peer.received(), one.expected.output);
  EXPECT_TRUE(peer.saw_end());
  EXPECT_FALSE(peer.was_reset());
  EXPECT_EQ(name_of(peer.reason), name_of(one.expected.reason));
  // Where several are in flight, the one after which the connection ends need not be the last that
  // was taken.
  if (one.serving.manner.waits && peer.reason == CloseReason::handler_closed)
    EXPECT_GE(peer.counters.messages_received, one.expected.counters.messages_received);
  else
    EXPECT_EQ(peer.counters.messages_received, one.expected.counters.messages_received);
  EXPECT_EQ(peer.counters.messages_sent, one.expected.counters.messages_sent);
  EXPECT_EQ(peer.counters.errors_sent, one.expected.counters.errors_sent);
  EXPECT_EQ(peer.counters.bytes_received, peer.sent().size());
}

}  // namespace

Duration tolerance(const Scenario& scenario) {
  const bool blocking = scenario.style.kind == asyncd::test::SimLoop::Kind::blocking;
  return asyncd::DeadlineWheel::tick + scenario.style.longest_delay +
         (blocking ? asyncd::test::SimLoop::slice : Duration{});
}

Instant told_to_end(const ClientCase& one) {
  const std::vector<Serving>& services = one.scenario.services;
  const auto later = services.begin() + static_cast<std::ptrdiff_t>(one.peer.service) + 1;
  const auto retirement =
      std::find_if(later, services.end(), [](const Serving& next) { return next.retires; });
  return std::min(one.scenario.drain, retirement == services.end() ? never : retirement->from);
}

Instant end_of_grace(const ClientCase& one) {
  return std::max(after(told_to_end(one), grace), after(one.peer.began_at, last_look));
}

bool may_be_cut(const ClientCase& one) {
  const SimPeer& peer = one.peer;
  const bool stalled = peer.reason == CloseReason::write_timeout;  // rightly: see check_times
  return gave_up(peer) || stalled || one.scenario.stop <= peer.closed_at || peer.faulted ||
         was_broken_off(one);
}

bool was_broken_off(const ClientCase& one) {
  return one.expected.breaks_off && one.peer.reason == CloseReason::handler_failed;
}

std::size_t total_before(Instant time, const std::vector<Move>& moves) {
  std::size_t total = 0;
  for (const Move& move : moves)
    if (move.at < time) total = move.total;
  return total;
}

Instant last_before(Instant time, const std::vector<Move>& moves, Instant otherwise) {
  Instant last = otherwise;
  for (const Move& move : moves)
    if (move.at < time) last = move.at;
  return last;
}

void check_client(const ClientCase& one) {
  check_farewell(one.peer);
  if (one.peer.closed_at == never || one.peer.rejected) return check_turned_away(one);
  check_bytes(one);
  check_end(one);
  check_answers(one);
  check_reason(one);
  check_times(one);
  const bool cut_short =
      told_to_end(one) != never || one.scenario.stop != never || one.peer.faulted;
  const bool patient = one.serving.limits.idle_timeout == asyncd::Limits{}.idle_timeout;
  if (one.calm && patient && !cut_short && !one.expected.breaks_off) check_everything(one);
}

}  // namespace sim
