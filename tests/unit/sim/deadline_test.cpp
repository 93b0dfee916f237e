// Deadlines in a simulated world: each strikes when its time is over, not earlier, and hardly
// later, whatever the seed makes of the loop.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "handler.h"
#include "scenario.h"
#include "tests/support/seeds.h"

namespace {

using asyncd::CloseReason;
using asyncd::DeadlineWheel;
using asyncd::Duration;
using asyncd::Instant;
using asyncd::Limits;
using asyncd::never;
using asyncd::test::for_each_seed;
using asyncd::test::sim_start;
using asyncd::test::SimLoop;
using asyncd::test::SimPeer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Does = SimPeer::Does;

constexpr std::uint64_t seed_count = 100;
constexpr Duration moment = milliseconds(50);  // more than any delay of a loop

struct Case {
  const char* name;
  SimPeer::Script script;
  CloseReason reason;
  Duration limit{};                                  // it ends so long ...
  Instant (*begin)(const SimPeer& peer) = nullptr;   // ... after this
  Instant (*strike)(const SimPeer& peer) = nullptr;  // and the end of that is this
  Duration drain = Duration::max();                  // after the start
  Duration slack{};                                  // it may be so much later
};

void PrintTo(const Case& one, std::ostream* stream) { *stream << one.name; }

Instant connected(const SimPeer& peer) { return peer.began_at; }
Instant first_read(const SimPeer& peer) { return peer.reads.front().at; }
Instant last_read(const SimPeer& peer) { return peer.reads.back().at; }
Instant last_write(const SimPeer& peer) { return peer.writes.back().at; }
Instant first_take(const SimPeer& peer) { return peer.taken().front().at; }
Instant last_take(const SimPeer& peer) { return peer.taken().back().at; }
Instant shut(const SimPeer& peer) { return peer.shut_at; }
Instant closing(const SimPeer& peer) { return peer.closing_since; }
Instant closed(const SimPeer& peer) { return peer.closed_at; }

// `first`, and then `piece` again and again.
std::vector<SimPeer::Act> pieces(std::string first, int count, Duration pause,
                                 const std::string& piece) {
  std::vector<SimPeer::Act> acts{{.bytes = std::move(first)}};
  for (int i = 0; i < count; ++i) acts.push_back({.pause = pause, .bytes = piece});
  return acts;
}

SimPeer::Script client(std::vector<SimPeer::Act> acts) {
  return {.connects = sim_start, .acts = std::move(acts)};
}

SimPeer::Script takes_a_byte_every(Duration time, std::vector<SimPeer::Act> acts) {
  SimPeer::Script script = client(std::move(acts));
  script.wire.window = script.wire.send_buffer = 1;
  script.takes_every = time;
  return script;
}

SimPeer::Script takes_nothing(std::vector<SimPeer::Act> acts) {
  SimPeer::Script script = client(std::move(acts));
  script.wire.window = script.wire.send_buffer = 100;
  script.takes_from = never;
  return script;
}

SimPeer::Script goes_on(std::vector<SimPeer::Act> acts) {
  SimPeer::Script script = client(std::move(acts));
  script.ends_when_told = false;
  return script;
}

std::vector<SimPeer::Act> and_end(std::vector<SimPeer::Act> acts, Duration pause = {}) {
  acts.push_back({.does = Does::end, .pause = pause});
  return acts;
}

// Its system takes little at a time, and so does it; the server's takes nothing more until most of
// that is gone.
SimPeer::Script takes_ten_bytes_every(Duration time, std::vector<SimPeer::Act> acts) {
  SimPeer::Script script = client(std::move(acts));
  script.wire.window = script.takes_most = 10;
  script.takes_every = time;
  script.wire.send_buffer = 3000;
  script.wire.least_room = 2000;
  return script;
}

const Limits limits;
const Duration look = limits.write_timeout / 10 + seconds(1);  // itself a little late on any loop
constexpr Duration long_time = std::chrono::hours(10);

std::vector<Case> strikes() {
  const SimPeer::Script trickles = client(pieces("a", 100, seconds(1), "b"));
  return {
      {"FirstByte", client({}), CloseReason::first_byte_timeout, limits.first_byte_timeout,
       connected, closing},
      {"Idle", client(pieces("a\n", 3, limits.idle_timeout - moment, "b\n")),
       CloseReason::idle_timeout, limits.idle_timeout, last_write, closing},
      {"IdleAfterASlowReader",
       takes_a_byte_every(limits.write_timeout - moment, {{.bytes = "abcdef\n"}}),
       CloseReason::idle_timeout, limits.idle_timeout, last_write, closing},
      {"Message", trickles, CloseReason::message_timeout, limits.message_timeout, first_read,
       closing},
      {"MessageBehindOthers", client(pieces("a", 100, seconds(1), "b\nc")),
       CloseReason::message_timeout, limits.message_timeout, last_read, closing},
      {"MessageInADrain", trickles, CloseReason::message_timeout, limits.message_timeout,
       first_read, closing, seconds(5)},
      {"Write", takes_nothing({{.bytes = "*3000\n"}}), CloseReason::write_timeout,
       limits.write_timeout, first_read, closed},
      {"WriteThoughMoreIsSent", takes_nothing(pieces("*3000\n", 100, seconds(1), "a\n")),
       CloseReason::write_timeout, limits.write_timeout, first_read, closed},
      {"LingerIdle", goes_on({{.bytes = ".\n"}}), CloseReason::handler_closed,
       limits.linger_idle_timeout, shut, closed},
      {"LingerInAll", goes_on(pieces(".\n", 100, seconds(1), "more\n")),
       CloseReason::handler_closed, limits.linger_timeout, shut, closed},
      {"WriteThoughItTookSomething", takes_ten_bytes_every(long_time, {{.bytes = "*6000\n"}}),
       CloseReason::write_timeout, limits.write_timeout, first_take, closed, Duration::max(), look},
      {"IdleOnceAllIsTaken", takes_ten_bytes_every(seconds(20), {{.bytes = "*200\n"}}),
       CloseReason::idle_timeout, limits.idle_timeout, last_take, closing, Duration::max(), look},
      {"LingerThoughNotAllIsTaken", takes_ten_bytes_every(long_time, {{.bytes = "*200\n.\n"}}),
       CloseReason::handler_closed, limits.linger_idle_timeout + limits.write_timeout, shut, closed,
       Duration::max(), look},
  };
}

// Clients that are in time, if only just.
std::vector<Case> no_strikes() {
  const CloseReason in_time = CloseReason::client_closed;
  return {
      {"FirstByte",
       client({{.pause = limits.first_byte_timeout - moment, .bytes = "a\n"}, {.does = Does::end}}),
       in_time},
      {"Idle", client(and_end(pieces("a\n", 5, limits.idle_timeout - moment, "b\n"))), in_time},
      {"Message", client(and_end(pieces("a", 1, limits.message_timeout - moment, "\n"))), in_time},
      {"Messages", client(and_end(pieces("a", 5, limits.message_timeout - moment, "b\nc"))),
       in_time},
      {"Write", takes_a_byte_every(limits.write_timeout - moment, and_end({{.bytes = "abcdef\n"}})),
       in_time},
      {"Linger",
       goes_on(and_end(pieces(".\n", 5, limits.linger_idle_timeout - moment, "b"), seconds(4))),
       CloseReason::handler_closed},
      {"WriteThatNothingIsTakenFrom",
       takes_ten_bytes_every(seconds(4), and_end({{.bytes = "*6000\n"}})), in_time},
      {"IdleWhileItTakes",
       takes_ten_bytes_every(seconds(20), and_end(pieces("*200\n", 1, seconds(150), "b\n"))),
       in_time},
      {"LingerWhileItTakes", takes_ten_bytes_every(seconds(4), {{.bytes = "*200\n.\n"}}),
       CloseReason::handler_closed},
      {.name = "LingerInADrainWhileItTakes",
       .script = takes_ten_bytes_every(milliseconds(400), {{.bytes = "*200\n.\n"}}),
       .reason = CloseReason::handler_closed,
       .drain = seconds(2)},
  };
}

SimPeer run(const Case& one, const SimLoop::Style& style, std::uint64_t seed) {
  sim::Handler handler;
  SimPeer peer(one.script);
  SimLoop loop(sim::make_service(handler, {}, {}), style, seed);
  loop.add(peer);
  if (one.drain != Duration::max()) loop.drain_at(sim_start + one.drain);
  loop.run();
  EXPECT_EQ(loop.complaint(), "");
  EXPECT_EQ(name_of(peer.reason), name_of(one.reason));
  return peer;
}

class SimDeadline : public testing::TestWithParam<Case> {};

TEST_P(SimDeadline, StrikesInTime) {
  for_each_seed(seed_count, [](std::uint64_t seed) {
    const SimLoop::Style style = sim::make_scenario(seed).style;
    const SimPeer peer = run(GetParam(), style, seed);
    const Duration late = GetParam().strike(peer) - GetParam().begin(peer) - GetParam().limit;
    EXPECT_GE(late, Duration{}) << "too early";
    EXPECT_LE(late, GetParam().slack + DeadlineWheel::tick + style.longest_delay +
                        (style.kind == SimLoop::Kind::blocking ? SimLoop::slice : Duration{}))
        << "too late";
  });
}

class SimPatience : public testing::TestWithParam<Case> {};

TEST_P(SimPatience, LetsTheClientEnd) {
  for_each_seed(seed_count, [](std::uint64_t seed) {
    const SimPeer peer = run(GetParam(), sim::make_scenario(seed).style, seed);
    EXPECT_TRUE(peer.has_ended());
    EXPECT_LE(peer.ended_at(), peer.closed_at);
  });
}

std::string name_of_case(const testing::TestParamInfo<Case>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Limits, SimDeadline, testing::ValuesIn(strikes()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Limits, SimPatience, testing::ValuesIn(no_strikes()), name_of_case);

}  // namespace
