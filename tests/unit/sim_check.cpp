// What must hold after each simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "sim_handler.h"
#include "sim_oracle.h"
#include "sim_scenario.h"
#include "tests/support/failing_new.h"

namespace sim {

namespace {

using asyncd::CloseReason;
using asyncd::Duration;
using asyncd::Instant;
using asyncd::Limits;
using asyncd::never;
using asyncd::Session;
using asyncd::test::SimLoop;
using asyncd::test::SimPeer;

// How a connection stood after a turn.
struct Sample {
  std::size_t messages = 0;
  std::size_t received = 0;
  std::size_t sent = 0;
};

class Check {
 public:
  Check(const Scenario& scenario, const Faults& faults) : scenario_(scenario), faults_(faults) {
    handler_.refuses = scenario.refuses;
    service_ = make_service(handler_, scenario.framing, scenario.limits);
    for (const Client& client : scenario.clients) peers_.push_back(std::make_unique<SimPeer>(client.script));
    samples_.resize(peers_.size());
  }

  Steps run() {
    SimLoop loop(*service_, scenario_.style, scenario_.seed);
    for (const auto& peer : peers_) loop.add(*peer);
    loop.drain_at(scenario_.drain);
    loop.stop_at(scenario_.stop);
    loop.fail_operation(faults_.operation);
    loop.watch([this](const SimPeer& peer, const Session& session) { sample(peer, session); });
    asyncd::test::fail_allocation(faults_.allocation);
    loop.run();
    const Steps steps{loop.operations(), asyncd::test::allocations_counted()};
    asyncd::test::fail_allocation(0);
    EXPECT_EQ(loop.complaint(), "");
    if (testing::Test::HasFailure()) return steps;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      SCOPED_TRACE("client " + std::to_string(i));
      check_client(i);
    }
    check_books(loop.stats());
    return steps;
  }

 private:
  bool failing() const { return faults_.operation != 0 || faults_.allocation != 0; }

  void sample(const SimPeer& peer, const Session& session) {
    if (session.reason() != CloseReason::none) return;
    const auto place = std::find_if(peers_.begin(), peers_.end(), [&](const auto& one) { return one.get() == &peer; });
    const asyncd::SessionCounters& counters = session.counters();
    samples_[static_cast<std::size_t>(place - peers_.begin())].push_back(
        {counters.messages_received, counters.bytes_received, counters.bytes_sent});
  }

  void check_client(std::size_t index) {
    const SimPeer& peer = *peers_[index];
    if (peer.closed_at == never || peer.rejected) {  // never connected, or turned away
      EXPECT_EQ(peer.written(), "");
      return;
    }
    Expected expected = expect(scenario_.framing, scenario_.limits, peer.sent(), peer.reads);
    if (scenario_.refuses) expected = expect_refusal(scenario_.framing, scenario_.limits);
    check_bytes(peer, expected);
    check_reason(peer, expected);
    check_memory(samples_[index], expected);
    check_silence(peer);
    const bool cut_short = scenario_.drain != never || scenario_.stop != never || peer.faulted;
    if (scenario_.clients[index].calm && !cut_short) check_everything(peer, expected);
  }

  // No byte is lost, made up, moved, or sent after the end.
  void check_bytes(const SimPeer& peer, const Expected& expected) {
    EXPECT_EQ(peer.written(), expected.output.substr(0, peer.written().size()));
    EXPECT_EQ(peer.counters.bytes_sent, peer.written().size());
    EXPECT_EQ(peer.counters.bytes_received, peer.reads.empty() ? 0 : peer.reads.back().total);
    if (peer.saw_end()) {
      EXPECT_EQ(peer.received(), peer.written());
    }
    const auto& ends = expected.output_after;
    const bool whole_replies =
        std::find(ends.begin(), ends.end(), peer.written().size()) != ends.end() || peer.written() == expected.output;
    const bool was_cut = peer.faulted || peer.has_reset() || scenario_.stop != never;
    EXPECT_TRUE(whole_replies || was_cut || stalled(peer)) << "a reply was cut off";
  }

  bool stalled(const SimPeer& peer) const {
    return peer.closed_at - last_before(peer.closed_at, peer.writes, peer) >= scenario_.limits.write_timeout;
  }

  void check_everything(const SimPeer& peer, const Expected& expected) {
    EXPECT_EQ(peer.received(), expected.output);
    EXPECT_TRUE(peer.saw_end());
    EXPECT_FALSE(peer.was_reset());
    EXPECT_EQ(name_of(peer.reason), name_of(expected.reason));
    EXPECT_EQ(peer.counters.messages_received, expected.counters.messages_received);
    EXPECT_EQ(peer.counters.messages_sent, expected.counters.messages_sent);
    EXPECT_EQ(peer.counters.errors_sent, expected.counters.errors_sent);
    EXPECT_EQ(peer.counters.bytes_received, peer.sent().size());
  }

  void check_reason(const SimPeer& peer, const Expected& expected) {
    bool right = peer.reason == expected.reason && (peer.reason != CloseReason::client_closed || peer.has_ended());
    right = right || (peer.reason == CloseReason::client_reset && peer.has_reset());
    right = right || (peer.reason == CloseReason::drained && scenario_.drain != never);
    right = right || (peer.reason == CloseReason::stopped && scenario_.stop != never);
    right = right || (peer.reason == CloseReason::io_error && faults_.operation != 0 && peer.faulted);
    right = right || (peer.reason == CloseReason::no_memory && faults_.allocation != 0 && peer.faulted);
    right = right || timed_out_rightly(peer, expected);
    EXPECT_TRUE(right) << name_of(peer.reason) << " rather than " << name_of(expected.reason);
  }

  // A deadline strikes when its time is over, not earlier, and as far as that can be told from outside not later.
  bool timed_out_rightly(const SimPeer& peer, const Expected& expected) {
    const Limits& limits = scenario_.limits;
    const Instant struck = peer.closing_since;
    const Instant read = last_before(struck, peer.reads, peer);
    const Instant written = last_before(struck, peer.writes, peer);
    switch (peer.reason) {
      case CloseReason::first_byte_timeout:
        return !drained_long_before(struck) && read == peer.connects() &&
               in_time(struck - read, limits.first_byte_timeout);
      case CloseReason::idle_timeout:
        return !drained_long_before(struck) && in_time(struck - std::max(read, written), limits.idle_timeout);
      case CloseReason::message_timeout: {
        const std::size_t begin = expected.input_after[peer.counters.messages_received];
        const auto first = std::find_if(peer.reads.begin(), peer.reads.end(),
                                        [&](const SimPeer::Move& move) { return move.total > begin; });
        return first != peer.reads.end() && struck - first->at >= limits.message_timeout;
      }
      case CloseReason::write_timeout:
        return stalled(peer);
      default:
        return false;
    }
  }

  // Nobody may wait for more input then, unless for the rest of a message.
  bool drained_long_before(Instant time) const { return scenario_.drain < time - tolerance(); }

  static Instant last_before(Instant end, const std::vector<SimPeer::Move>& moves, const SimPeer& peer) {
    Instant last = peer.connects();
    for (const SimPeer::Move& move : moves)
      if (move.at < end) last = move.at;
    return last;
  }

  Duration tolerance() const {
    return asyncd::DeadlineWheel::tick + scenario_.style.longest_delay +
           (scenario_.style.blocking ? SimLoop::slice : Duration{});
  }
  bool in_time(Duration passed, Duration limit) const { return passed >= limit && passed <= limit + tolerance(); }

  // Output: at most the high-water mark and one reply. Input: an unfinished message and what one read brought.
  void check_memory(const std::vector<Sample>& samples, const Expected& expected) {
    std::size_t longest = 0;
    for (std::size_t i = 1; i < expected.output_after.size(); ++i)
      longest = std::max(longest, expected.output_after[i] - expected.output_after[i - 1]);
    const Limits& limits = scenario_.limits;
    const std::size_t around = 10;
    for (const Sample& sample : samples) {
      ASSERT_LT(sample.messages, expected.output_after.size());
      EXPECT_LE(expected.output_after[sample.messages] - sample.sent, limits.output_high_water + longest);
      EXPECT_LE(sample.received - expected.input_after[sample.messages],
                limits.max_message + around + limits.input_buffer);
    }
  }

  // However it went, a connection on which nothing moves is ended.
  void check_silence(const SimPeer& peer) {
    const Limits& limits = scenario_.limits;
    const Duration longest =
        std::max({limits.first_byte_timeout, limits.idle_timeout, limits.message_timeout, limits.write_timeout}) +
        limits.linger_idle_timeout + 2 * tolerance();
    std::vector<Instant> moves{peer.connects(), peer.closed_at};
    for (const auto* list : {&peer.reads, &peer.writes})
      for (const SimPeer::Move& move : *list) moves.push_back(move.at);
    std::sort(moves.begin(), moves.end());
    for (std::size_t i = 1; i < moves.size(); ++i) EXPECT_LE(moves[i] - moves[i - 1], longest);
  }

  void check_books(const asyncd::StatsSnapshot& books) {
    asyncd::StatsSnapshot sum;
    for (const auto& peer : peers_) {
      if (peer->closed_at == never) continue;
      ++sum.accepted;
      if (peer->rejected) continue;
      ++sum.closed[static_cast<std::size_t>(peer->reason)];
      sum.sessions += peer->counters;
    }
    EXPECT_EQ(books.accepted, sum.accepted);
    EXPECT_EQ(books.active, 0U);
    EXPECT_EQ(books.closed, sum.closed);
    EXPECT_EQ(books.closed[0], 0U);
    EXPECT_EQ(books.accepted, books.closed_in_all() + books.rejected_in_all());
    EXPECT_EQ(books.sessions.bytes_sent, sum.sessions.bytes_sent);
    EXPECT_EQ(handler_.open_now, 0U);
    EXPECT_EQ(handler_.opened, scenario_.refuses ? 0U : books.closed_in_all());
    EXPECT_FALSE(handler_.called_wrongly);
    if (!failing()) {
      EXPECT_EQ(handler_.calls, sum.sessions.messages_received);
    }
  }

  const Scenario& scenario_;
  const Faults& faults_;
  Handler handler_;
  std::unique_ptr<asyncd::Service> service_;
  std::vector<std::unique_ptr<SimPeer>> peers_;
  std::vector<std::vector<Sample>> samples_;
};

}  // namespace

Steps check(const Scenario& scenario, const Faults& faults) { return Check(scenario, faults).run(); }

}  // namespace sim
