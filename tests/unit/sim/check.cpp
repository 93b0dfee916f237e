// What must hold after each simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <numeric>

#include "client_check.h"
#include "core/session/most_memory.h"
#include "tests/support/failing_new.h"
#include "waiting.h"

namespace sim {

namespace {

using asyncd::CloseReason;
using asyncd::Limits;
using asyncd::never;
using asyncd::Session;
using asyncd::test::SimLoop;
using asyncd::test::SimPeer;

// How a connection stood after a turn, and what all of them held.
struct Sample {
  std::size_t client = 0;
  bool open = false;      // still serving messages
  bool finished = false;  // nor anything else
  std::size_t messages = 0;
  std::size_t received = 0;
  std::size_t unsent = 0;
  bool in_call = false;  // calls of it wait
  std::size_t held = 0;
};

// For finding out what went wrong.
std::string story_of(const SimPeer& peer) {
  const auto at = [](const char* what, asyncd::Instant time) {
    if (time == never) return std::string();
    return std::string(what) +
           std::to_string(
               std::chrono::duration<double, std::milli>(time - asyncd::test::sim_start).count());
  };
  return std::string(": ").append(name_of(peer.reason)) + (peer.faulted ? ", faulted" : "") +
         (peer.rejected ? ", rejected" : "") + (peer.has_ended() ? ", has ended" : "") +
         (peer.has_reset() ? ", has reset" : "") + (peer.has_left() ? ", has left" : "") +
         (peer.saw_end() ? ", saw the end" : "") + (peer.was_reset() ? ", was reset" : "") +
         "; bytes sent " + std::to_string(peer.sent().size()) + ", read " +
         std::to_string(peer.reads.empty() ? 0 : peer.reads.back().total) + ", written " +
         std::to_string(peer.written.size()) + ", received " +
         std::to_string(peer.received().size()) +
         "; milliseconds: " + at("connects ", peer.connects()) + at(", begins ", peer.began_at) +
         at(", is to end ", peer.closing_since) + at(", shut ", peer.shut_at) +
         at(", closed ", peer.closed_at);
}

class Check {
 public:
  Check(const Scenario& scenario, const Faults& faults) : scenario_(scenario), faults_(faults) {
    for (const Serving& serving : scenario.services) {
      WaitingHandler& handler = handlers_.emplace_back();
      handler.manner = serving.manner;
      handler.mark = serving.mark;
      handler.refuses = serving.refuses;
      handler.refuses_workers = serving.refuses_workers;
      services_.push_back(
          make_waiting_service(handler, serving.framing, serving.limits, handlers_.size()));
    }
    for (const Client& client : scenario.clients)
      peers_.push_back(std::make_unique<SimPeer>(client.script));
  }

  Outcome run() {
    SimLoop loop(std::move(services_.front()), scenario_.style, scenario_.seed);
    for (std::size_t i = 1; i < services_.size(); ++i)
      loop.replace(
          {scenario_.services[i].from, std::move(services_[i]), scenario_.services[i].retires});
    for (const auto& peer : peers_) loop.add(*peer);
    loop.drain_at(scenario_.drain);
    loop.stop_at(scenario_.stop);
    loop.fail_operation(faults_.operation);
    for (WaitingHandler& handler : handlers_) handler.loop = &loop;
    loop.watch([this](const SimPeer& peer, const Session& session) { sample(peer, session); });
    asyncd::test::fail_allocation(faults_.allocation);
    loop.run();
    for (const auto& peer : peers_) digest(*peer);
    outcome_.operations = loop.operations();
    outcome_.allocations = asyncd::test::allocations_counted();
    see(Sight::stale_event, loop.stale_events());
    asyncd::test::fail_allocation(0);
    EXPECT_EQ(loop.complaint(), "");
    if (testing::Test::HasFailure()) return outcome_;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      SCOPED_TRACE("client " + std::to_string(i) + story_of(*peers_[i]));
      check(i);
    }
    check_memory();
    check_books(loop.stats());
    check_calls(loop);
    check_workers(loop);
    return outcome_;
  }

 private:
  bool failing() const { return faults_.operation != 0 || faults_.allocation != 0; }

  void digest(const SimPeer& peer) {
    const auto add = [this](auto number) {
      outcome_.digest = (outcome_.digest ^ static_cast<std::uint64_t>(number)) * 0x100000001b3;
    };
    for (const auto* moves : {&peer.reads, &peer.writes, &peer.wire().arrivals()})
      for (const auto& move : *moves) {
        add(move.total);
        add(move.at.time_since_epoch().count());
      }
    add(peer.closed_at.time_since_epoch().count());
    add(peer.reason);
    add(peer.received().size());
  }

  void sample(const SimPeer& peer, const Session& session) {
    const auto place = std::find_if(peers_.begin(), peers_.end(),
                                    [&](const auto& one) { return one.get() == &peer; });
    const asyncd::SessionCounters& counters = session.counters();
    samples_.push_back({static_cast<std::size_t>(place - peers_.begin()),
                        session.reason() == CloseReason::none, session.finished(),
                        counters.messages_received, counters.bytes_received, session.unsent(),
                        session.has_calls(), asyncd::test::bytes_held()});
    note_turns(samples_.back());
  }

  // A serial handler's call whose message has been taken, and that the handler has not seen.
  void note_turns(const Sample& sample) {
    const std::size_t service = peers_[sample.client]->service;
    if (!sample.in_call || handlers_[service].manner.concurrency != ASYNCD_SERIAL) return;
    std::uint64_t& taken = taken_[sample.client];
    taken_of_[service] += sample.messages - taken;
    taken = sample.messages;
    if (taken_of_[service] > handlers_[service].calls) see(Sight::waited_for_its_turn, 1);
  }

  void see(Sight sight, std::uint64_t times) {
    outcome_.sights[static_cast<std::size_t>(sight)] += times;
  }

  void check(std::size_t index) {
    const SimPeer& peer = *peers_[index];
    const Serving& serving = scenario_.services[peer.service];
    const auto& lacked_memory = handlers_[peer.service].lacked_memory;
    expected_.push_back(expect(serving, peer.sent(), {peer.reads, peer.written, lacked_memory}));
    const ClientCase one{scenario_, faults_,          serving,
                         peer,      expected_.back(), scenario_.clients[index].calm};
    check_client(one);
    note_sights(one, outcome_);
  }

  // Output: at most the high-water mark and one reply. Input: an unfinished message and what one
  // read brought. All in all no more than the server tells its user at its start; and a client that
  // has nothing to keep holds nothing.
  void check_memory() {
    std::vector<std::uint64_t> may_hold(peers_.size());
    for (const Sample& sample : samples_) {
      const Expected& expected = expected_[sample.client];
      const Serving& serving = scenario_.services[peers_[sample.client]->service];
      Limits limits = serving.limits;
      limits.input_buffer = scenario_.services.front().limits.input_buffer;
      may_hold[sample.client] = sample.finished ? 0 : asyncd::most_buffered(limits);
      if (sample.open) {
        // A call may have begun that is cancelled, because one before it is the last to be
        // answered.
        const std::size_t last = expected.input_after.size() - 1;
        ASSERT_TRUE(serving.manner.waits || sample.messages <= last);
        const std::size_t input =
            sample.received - expected.input_after[std::min(sample.messages, last)];
        EXPECT_TRUE(input <= limits.max_message + prefix + limits.input_buffer ||
                    sample.messages > last);
        EXPECT_LE(sample.unsent, limits.output_high_water + longest_reply(expected));
        if (input == 0 && sample.unsent == 0) may_hold[sample.client] = 0;
      }
      if (sample.in_call) may_hold[sample.client] += memory_of_calls(serving);
      ASSERT_LE(sample.held, std::accumulate(may_hold.begin(), may_hold.end(),
                                             scenario_.style.most_cached + around_calls()));
    }
  }

  // What the server tells its user of, and what the handler takes for itself.
  static std::size_t memory_of_calls(const Serving& serving) {
    constexpr std::size_t handlers_own = 1024;
    WaitingHandler handler;
    handler.manner = serving.manner;
    const auto service = make_waiting_service(handler, serving.framing, serving.limits, 1);
    return asyncd::most_in_calls(*service) + serving.limits.max_in_flight * handlers_own;
  }

  // Lists of calls, of tickets, and of those who wait for their turn: a few bytes for each.
  std::size_t around_calls() const {
    if (std::none_of(handlers_.begin(), handlers_.end(),
                     [](const auto& one) { return one.manner.waits; }))
      return workers;
    return workers + peers_.size() * (64 + 8 * 512) + 4096;
  }
  static constexpr std::size_t prefix = 10;     // or a line's end
  static constexpr std::size_t workers = 1024;  // at most

  static std::size_t longest_reply(const Expected& expected) {
    std::size_t longest = 0;
    for (std::size_t i = 1; i < expected.output_after.size(); ++i)
      longest = std::max(longest, expected.output_after[i] - expected.output_after[i - 1]);
    return longest;
  }

  void check_books(const asyncd::StatsSnapshot& books) {
    asyncd::StatsSnapshot sum;
    std::uint64_t refused = 0;
    for (const auto& peer : peers_) {
      if (peer->closed_at == never) continue;
      ++sum.accepted;
      if (peer->rejected) continue;
      ++sum.closed[static_cast<std::size_t>(peer->reason)];
      sum.sessions += peer->counters;
      if (scenario_.services[peer->service].refuses) ++refused;
    }
    EXPECT_EQ(books.accepted, sum.accepted);
    EXPECT_EQ(books.active, 0U);
    EXPECT_EQ(books.closed, sum.closed);
    EXPECT_EQ(books.closed[0], 0U);
    EXPECT_EQ(books.accepted, books.closed_in_all() + books.rejected_in_all());
    EXPECT_EQ(books.sessions, sum.sessions);
    std::uint64_t opened = 0;
    std::uint64_t calls = 0;
    for (const WaitingHandler& handler : handlers_) {
      EXPECT_EQ(handler.open_now, 0U);
      EXPECT_FALSE(handler.called_wrongly);
      opened += handler.opened;
      calls += handler.calls;
    }
    EXPECT_EQ(opened, books.closed_in_all() - refused);
    if (!failing()) {
      EXPECT_LE(calls, sum.sessions.messages_received);
      // A serial handler's call that has not had its turn is cancelled without the handler having
      // seen it.
      if (std::none_of(handlers_.begin(), handlers_.end(), is_serial)) {
        EXPECT_EQ(calls, sum.sessions.messages_received);
      }
    }
  }

  static bool is_serial(const WaitingHandler& handler) {
    return handler.manner.waits && handler.manner.concurrency == ASYNCD_SERIAL;
  }

  // Each call has ended, and nothing of it is left.
  void check_calls(SimLoop& loop) {
    for (WaitingHandler& handler : handlers_) {
      EXPECT_EQ(handler.complaint, "");
      EXPECT_TRUE(handler.gate.enter(0)) << "a call still has, or waits for, its turn";
      handler.gate.leave();
      EXPECT_TRUE(handler.pending.empty() && handler.pending_of.empty());
      EXPECT_TRUE(handler.lacked_memory.empty() || faults_.allocation != 0);
      outcome_.failed_in_submit += handler.failed_in_submit;
      see(Sight::calls_in_flight, handler.in_flight_together);
      see(Sight::reply_held_back, handler.held_back);
      see(Sight::flush_waited, handler.flushes_waited);
    }
    EXPECT_EQ(loop.open_handles(), 0U) << "completion handles are open";
  }

  // A handler that has been replaced has no worker left once its last connection has gone; the last
  // one at the end.
  void check_workers(SimLoop& loop) {
    for (const WaitingHandler& handler : handlers_)
      EXPECT_EQ(handler.workers_now, &handler == &handlers_.back() ? handler.workers : 0U);
    EXPECT_LE(handlers_.back().workers, 1U);
    loop.end();
    EXPECT_EQ(handlers_.back().workers_now, 0U);
  }

  const Scenario& scenario_;
  const Faults& faults_;
  std::deque<WaitingHandler> handlers_;
  std::vector<std::shared_ptr<const asyncd::Service>> services_;
  std::vector<std::unique_ptr<SimPeer>> peers_;
  std::vector<Sample> samples_;
  std::map<std::size_t, std::uint64_t> taken_;     // messages, of a client ...
  std::map<std::size_t, std::uint64_t> taken_of_;  // ... and of a service
  std::vector<Expected> expected_;
  Outcome outcome_;
};

}  // namespace

Outcome check(const Scenario& scenario, const Faults& faults) {
  const std::size_t held_before = asyncd::test::bytes_held();
  const Outcome outcome = Check(scenario, faults).run();
  EXPECT_EQ(asyncd::test::bytes_held(), held_before) << "memory was not given back";
  return outcome;
}

}  // namespace sim
