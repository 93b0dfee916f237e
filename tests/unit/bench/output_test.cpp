#include "cmd/bench/show/output.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using namespace asyncd;
using namespace asyncd::bench;

namespace {

Outcome outcome() {
  Outcome outcome;
  outcome.handler = "square";
  outcome.backend = "select";
  outcome.address = "127.0.0.1:1";
  outcome.data = "int:0..9";
  outcome.check = "handler";
  outcome.loopback = true;
  outcome.plan.connections = 64;
  outcome.plan.warmup = std::chrono::milliseconds(500);
  outcome.build = {.version = "1.2.3", .commit = "abc", .type = "Release", .compiler = "GNU 12"};
  outcome.environment = {{"kernel", "Linux 6"}, {"cores", "2"}};
  outcome.measured.elapsed = std::chrono::seconds(2);
  outcome.measured.latency.add(std::chrono::microseconds(400), 2000);
  outcome.measured.counts.answered = 2000;
  outcome.measured.counts.of(Failure::early_eof) = 3;
  outcome.measured.counts.lost = 2;
  outcome.measured.counts.reopened = 1500;
  outcome.measured.counts.resent = 1;
  outcome.measured.connections = 64;
  outcome.measured.seconds = {
      {.at = std::chrono::seconds(1), .length = std::chrono::seconds(1), .answered = 1000}};
  outcome.server.cpu = std::chrono::milliseconds(20);
  outcome.server.threads = 1;
  outcome.quoted = {99};
  outcome.contention.stolen = 0;
  outcome.contention.client.waiting = 0.25;
  outcome.verdict = assess(outcome);
  return outcome;
}

TEST(BenchOutput, ATableForPeople) {
  EXPECT_EQ(
      to_table(outcome()),
      "square on select at 127.0.0.1:1: closed loop, 64 connections\n"
      "measured 2.00 s after 500 ms of warm-up; data int:0..9, replies checked by handler\n"
      "\n"
      "                p50       p90       p99     p99.9    p99.99        max      mean\n"
      "latency      400 us    400 us*   400 us*   400 us*   400 us*    400 us    400 us\n"
      "          * fewer than 1,000 samples beyond it\n"
      "\n"
      "messages  2,000 answered, 1,000 a second\n"
      "errors    3 closed before the reply; 2 messages lost with their connections\n"
      "ended     1,500 connections ended by the server between messages, 1 message sent again on "
      "the next\n"
      "server    1.00 % of a core, 10.0 us a message, 1 thread\n"
      "unknown   time kept from running by a CPU quota, time waited for a core that other programs "
      "had: this "
      "system does not tell\n"
      "where     asyncd 1.2.3 (abc, Release, GNU 12), Linux 6, 2 cores, loopback\n"
      "verdict   INVALID\n"
      "          - 3 failures: the percentiles are of the messages that were answered\n"
      "          - the client waited for a core that other programs had for 25.0 % of the time\n"
      "          - p99 is relied on and rests on 20 samples beyond it, 1,000 are needed: measure "
      "longer\n");
}

TEST(BenchOutput, JsonHasWholeNanoseconds) {
  const auto json = nlohmann::json::parse(to_json(outcome()));
  EXPECT_EQ(json.at("schema"), "asyncd.bench/1");
  EXPECT_EQ(json.at("kind"), "run");
  EXPECT_EQ(json.at("elapsed_ns"), 2'000'000'000);
  EXPECT_EQ(json.at("latency").at("p99_9_ns"), 400'000);
  EXPECT_TRUE(json.at("latency").at("p99_9_ns").is_number_integer());
  EXPECT_EQ(json.at("counts").at("failures").at("early_eof"), 3);
  EXPECT_EQ(json.at("verdict").at("level"), "INVALID");
  EXPECT_EQ(json.at("latency").at("starred"),
            nlohmann::json({"p90_ns", "p99_ns", "p99_9_ns", "p99_99_ns"}));
  EXPECT_EQ(json.at("counts").at("reopened"), 1500);
  EXPECT_EQ(json.at("counts").at("resent"), 1);
  EXPECT_EQ(json.at("latency").at("cells").size(), 1U);
  EXPECT_EQ(json.at("environment").at("kernel"), "Linux 6");
}

TEST(BenchOutput, JsonSaysWhatIsNotKnown) {
  const auto json = nlohmann::json::parse(to_json(outcome()));
  EXPECT_EQ(json.at("stolen"), 0);
  EXPECT_EQ(json.at("waiting").at("client"), 0.25);
  EXPECT_TRUE(json.at("waiting").at("server").is_null());
  EXPECT_TRUE(json.at("throttled").at("client").is_null());
}

TEST(BenchOutput, OfAServerElsewhereNothingIsMissed) {
  EXPECT_EQ(untold({0, {0, 0}, {}}, false), "");
  EXPECT_NE(untold({0, {0, 0}, {}}, true), "");
  EXPECT_EQ(untold({{}, {0, 0}, {0, 0}}, true),
            "time taken by the machine's host: this system does not tell");
}

TEST(BenchOutput, CsvHasARowASecond) {
  EXPECT_EQ(to_csv(outcome()),
            "at_ns,length_ns,connections,sent,answered,failed,p50_ns,p99_ns,max_ns\n"
            "1000000000,1000000000,0,0,1000,0,0,0,0\n");
}

}  // namespace
