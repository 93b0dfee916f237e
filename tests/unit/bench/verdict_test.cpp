#include <gtest/gtest.h>

#include "cmd/bench/judge/outcome.h"

using namespace asyncd;
using namespace asyncd::bench;
using enum Validity;

namespace {

// One that nothing is to be said against.
Outcome good() {
  Outcome outcome;
  outcome.build.type = "Release";
  outcome.check = "handler";
  outcome.loopback = true;
  outcome.client_cores = {1};
  outcome.server_cores = {0};
  outcome.quoted = {99};
  outcome.measured.elapsed = std::chrono::seconds(10);
  outcome.measured.latency.add(std::chrono::microseconds(100), 200'000);
  outcome.measured.counts.answered = outcome.measured.due = 200'000;
  outcome.measured.connections = outcome.plan.connections;
  outcome.client.cpu = std::chrono::seconds(5);
  return outcome;
}

struct Spoilt {
  const char* name;
  void (*spoil)(Outcome&);
  Validity level;
  const char* reason;  // part of it
};

const Spoilt cases[] = {
    {"busy client", [](Outcome& o) { o.client.cpu = std::chrono::milliseconds(9100); }, suspect,
     "the client used 91.0 % of a core"},
    {"wrong reply", [](Outcome& o) { o.measured.counts.of(Failure::wrong_reply) = 1; }, invalid,
     "wrong replies: 1 ("},
    {"failures", [](Outcome& o) { o.measured.counts.of(Failure::reset) = 7; }, suspect,
     "7 failures"},
    {"nothing measured",
     [](Outcome& o) {
       o.measured.latency.clear();
       o.measured.counts.answered = 0;
     },
     invalid, "nothing was measured"},
    {"gave up", [](Outcome& o) { o.measured.gave_up = true; }, invalid, "it gave up"},
    {"partial", [](Outcome& o) { o.measured.partial = true; }, suspect, "ended early"},
    {"same core", [](Outcome& o) { o.server_cores = {1}; }, suspect,
     "client and server share core 1"},
    {"stolen", [](Outcome& o) { o.contention.stolen = 0.021; }, suspect,
     "host took 2.10 % of the processor time away"},
    {"much stolen", [](Outcome& o) { o.contention.stolen = 0.11; }, invalid, "host took 11.0 %"},
    {"throttled client", [](Outcome& o) { o.contention.client.throttled = 0.05; }, suspect,
     "the CPU quota of a control group kept the client from running for 5.00 % of the time"},
    {"throttled server", [](Outcome& o) { o.contention.server.throttled = 0.6; }, invalid,
     "kept the server from running for 60.0 % of the time"},
    {"client without a core", [](Outcome& o) { o.contention.client.waiting = 0.3; }, invalid,
     "the client waited for a core that other programs had for 30.0 % of the time"},
    {"server without a core", [](Outcome& o) { o.contention.server.waiting = 0.03; }, suspect,
     "the server waited for a core that other programs had for 3.00 % of the time"},
    {"not optimised",
     [](Outcome& o) {
       o.build.type = "Debug";
       o.build.optimised = false;
     },
     suspect, "not built for speed: build type Debug"},
    {"checks handlers", [](Outcome& o) { o.build.checks_handlers = true; }, suspect,
     "checks what its handlers do"},
    {"few samples",
     [](Outcome& o) {
       o.measured.latency.clear();
       o.measured.latency.add(std::chrono::microseconds(100), 99'900);
     },
     suspect, "p99 is relied on and rests on 999 samples beyond it, 1,000 are needed"},
    {"unchecked", [](Outcome& o) { o.check = "none"; }, suspect, "the replies were not checked"},
    {"refused",
     [](Outcome& o) {
       o.refused = 50;
       o.refusal = "error: not an integer\n";
     },
     suspect, "refuses 50 % of these messages"},
    {"rate not reached",
     [](Outcome& o) {
       o.plan.rate = 20'000;
       o.measured.counts.answered = 196'000;
     },
     suspect, "98.0 % of the intended rate"},
    {"far below the rate",
     [](Outcome& o) {
       o.plan.rate = 20'000;
       o.measured.counts.answered = 100'000;
     },
     invalid, "50.0 % of the intended rate"},
    {"lag",
     [](Outcome& o) {
       o.plan.rate = 20'000;
       o.measured.lag.add(std::chrono::milliseconds(2), 100);
     },
     suspect, "2.00 ms behind its schedule (p99; 1.00 ms is allowed)"},
    {"waiting",
     [](Outcome& o) {
       o.measured.waiting = 7;
       o.measured.longest_wait = std::chrono::seconds(9);
     },
     suspect, "7 clients waited for a reply at the end, the longest for 9.00 s"},
    {"not all connected",
     [](Outcome& o) {
       o.measured.connections = 60;
       o.plan.connections = 64;
     },
     suspect, "only 60 of the 64 connections"},
    {"chaos without connections", [](Outcome& o) { o.plan.chaos.clients[0] = 1; }, suspect,
     "were to misbehave"},
    {"unanswered", [](Outcome& o) { o.measured.unanswered = 5; }, suspect, "5 messages were due"},
    {"silent connections lost",
     [](Outcome& o) {
       o.plan.connections = 0;
       o.plan.idle = o.measured.connections = 10;
       o.measured.idle_held = 9;
     },
     invalid, "only 9 of the 10 silent connections"},
    {"silent connections in the system's queue",
     [](Outcome& o) {
       o.plan.idle = 200;
       o.measured.connections = o.plan.most_connections();
       o.served_at_once = 64;
     },
     invalid, "the server has 64 of the 201 connections at a time"},
};

TEST(Verdict, NothingIsWrongWithAGoodRun) {
  const Verdict verdict = assess(good());
  EXPECT_EQ(verdict.level, valid);
  EXPECT_TRUE(verdict.reasons.empty());
}

TEST(Verdict, EachFlawHasItsReason) {
  for (const Spoilt& one : cases) {
    Outcome outcome = good();
    one.spoil(outcome);
    const Verdict verdict = assess(outcome);
    EXPECT_EQ(verdict.level, one.level) << one.name;
    ASSERT_EQ(verdict.reasons.size(), 1U) << one.name << ": " << verdict.reasons.back().text;
    EXPECT_NE(verdict.reasons[0].text.find(one.reason), std::string::npos)
        << verdict.reasons[0].text;
  }
}

// The failure itself, and that there are figures without it.
TEST(Verdict, TheClientsOwnFailuresAreInvalid) {
  Outcome outcome = good();
  outcome.measured.counts.of(Failure::no_port) = 3;
  const Verdict verdict = assess(outcome);
  EXPECT_EQ(verdict.level, invalid);
  EXPECT_EQ(verdict.reasons[0].text, "3 times the client itself failed: no local port left");
}

TEST(Verdict, ASanitizerIsNamed) {
  Outcome outcome = good();
  outcome.build = {.type = "Release", .sanitizers = "address", .optimised = false};
  EXPECT_EQ(assess(outcome).reasons.at(0).text,
            "asyncd was not built for speed: build type Release, sanitizers address");
}

TEST(Verdict, WhatIsJustEnoughIsEnough) {
  Outcome outcome = good();
  outcome.client.cpu = std::chrono::seconds(9);
  outcome.contention = {0.02, {0.02, 0.02}, {0.02, 0.02}};
  outcome.plan.rate = 20'000;
  outcome.measured.counts.answered = 198'000;
  outcome.measured.lag.add(std::chrono::milliseconds(1), 100);
  outcome.measured.latency.clear();
  outcome.measured.latency.add(std::chrono::microseconds(100), 100'000);
  EXPECT_EQ(assess(outcome).level, valid);
}

// A figure with a star says so itself: the verdict is on what is quoted without one.
TEST(Verdict, FewSamplesOfWhatNothingRestsOnAreNoFlaw) {
  Outcome outcome = good();
  outcome.quoted.clear();
  outcome.measured.latency.clear();
  outcome.measured.latency.add(std::chrono::microseconds(100), 20);
  EXPECT_EQ(assess(outcome).level, valid);
}

TEST(Verdict, ConnectionsThatTheServerEndsBetweenMessagesAreNoFlaw) {
  Outcome outcome = good();
  outcome.measured.counts.reopened = outcome.measured.counts.resent = 1000;
  EXPECT_EQ(assess(outcome).level, valid);
}

TEST(Verdict, ALagMayBeAHundredthOfWhatIsMeasured) {
  Outcome outcome = good();
  outcome.plan.rate = 20'000;
  outcome.measured.lag.add(std::chrono::milliseconds(4), 100);
  outcome.measured.latency.clear();
  outcome.measured.latency.add(std::chrono::milliseconds(500), 200'000);
  EXPECT_EQ(assess(outcome).level, valid);
}

TEST(Price, IsADifferenceAndSaysNothingWhereNothingIsKnown) {
  Usage before, after;
  before.cpu = std::chrono::seconds(1);
  after.cpu = std::chrono::seconds(3);
  before.context_switches = 100;
  after.context_switches = 190;
  before.ended_cpu = std::chrono::seconds(0);
  after.ended_cpu = std::chrono::seconds(1);  // threads have ended, and taken their switches along
  after.resident = 4096;
  const Price price = price_of(before, after);
  EXPECT_EQ(price.cpu, std::chrono::seconds(2));
  EXPECT_FALSE(price.context_switches);
  EXPECT_FALSE(price.system_calls);
  EXPECT_EQ(price.resident, 4096U);
  after.ended_cpu = std::chrono::milliseconds(50);
  EXPECT_EQ(price_of(before, after).context_switches, 90U);
}

}  // namespace
