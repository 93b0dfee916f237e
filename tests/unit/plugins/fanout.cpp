// fanout and slow-count, as they ship.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <system_error>

#include "library.h"
#include "tests/unit/sdk/modes.h"

namespace {

using asyncd::fake_error;
using asyncd::fake_host;
using asyncd::fake_reply;
using namespace std::chrono_literals;

asyncd::fake_upstream::answer_to with(std::string before) {
  return [before](std::string_view line) { return before + std::string(line); };
}

class Fanout : public InBothModes {
 protected:
  bool is_deferred() const { return GetParam() == asyncd::fake_mode::deferred; }

  fake_host host{load_shipped_plugin("fanout"),
                 {{"upstreams", " one:1  two:2 three:3"}, {"separator", ", "}, {"timeout", "2s"}},
                 GetParam()};
  asyncd::fake_upstream& one = host.upstream("one:1").answers(with("1"));
  asyncd::fake_upstream& two = host.upstream("two:2").answers(with("2"));
  asyncd::fake_upstream& three = host.upstream("three:3").answers(with("3"));
};
INSTANTIATE_TEST_SUITE_P(Modes, Fanout, both_modes(), name_of_mode);

TEST_P(Fanout, JoinsTheAnswersInTheirOrder) {
  one.in_pieces_of(1).after(300ms);
  three.after(100ms);
  EXPECT_EQ(host.send("x"), fake_reply("1x, 2x, 3x"));
  EXPECT_EQ(host.send(""), fake_reply("1, 2, 3")) << "an empty line is a line";
  EXPECT_EQ(one.received(), "x\n\n");
  EXPECT_EQ(one.open() + two.open() + three.open(), 0);
}

TEST_P(Fanout, AsksAllAtOnceWhereThatIsPossible) {
  for (auto* const server : {&one, &two, &three}) server->after(50ms);
  EXPECT_EQ(host.send("x"), fake_reply("1x, 2x, 3x"));
  EXPECT_EQ(host.now(), is_deferred() ? 100ms : 300ms) << "50 ms to connect, and 50 to answer";
}

TEST_P(Fanout, SaysWhichServerFailedAndWhy) {
  two.refuses();
  const std::string refused =
      std::error_code(static_cast<int>(std::errc::connection_refused), std::system_category())
          .message();
  EXPECT_EQ(host.send("x"), fake_error("upstream two:2: " + refused));
  EXPECT_TRUE(host.log().empty());
  one.hangs();
  EXPECT_EQ(host.send("x"), fake_error("upstream one:1: timed out")) << "the first of them";
  EXPECT_EQ(host.now(), 2s);
}

TEST_P(Fanout, AServerThatEndsOrResetsOrSaysTooMuch) {
  three.answers("no end of line").then_ends();
  EXPECT_EQ(host.send("x"),
            fake_error("upstream three:3: it has ended the connection without an answer"));
  three.answers(std::string(65538, 'x'));
  EXPECT_EQ(host.send("x"), fake_error("upstream three:3: read: no end within 65536 bytes"));
  three.answers("half").then_resets();
  EXPECT_EQ(host.send("x").text.substr(0, 18), "upstream three:3: ");
}

TEST_P(Fanout, TakesOneLineOnly) {
  EXPECT_EQ(host.send("x\ny"), fake_error("a message for several servers must be one line"));
  EXPECT_EQ(host.operations(), 0u);
}

TEST_P(Fanout, CancelledAtEachOperation) {
  EXPECT_EQ(host.send("x"), fake_reply("1x, 2x, 3x"));
  const auto all = static_cast<int>(host.operations());
  for (int operation = 1; operation <= all; ++operation) {
    host.cancel_at(operation);
    EXPECT_EQ(host.send("x"), fake_error("cancelled")) << operation;
    EXPECT_EQ(one.open() + two.open() + three.open(), 0);
  }
}

TEST_P(Fanout, WithoutMemoryItFails) {
  host.limit_memory(0);
  EXPECT_EQ(host.send("x"), asyncd::fake_failure());
}

TEST(FanoutOptions, AreChecked) {
  const auto refusal = [](const fake_host::option_texts& given) {
    return fake_host(load_shipped_plugin("fanout"), given).refusal();
  };
  EXPECT_EQ(refusal({}), "upstreams must name at least one server, \"host:port\"");
  EXPECT_EQ(refusal({{"upstreams", "  "}}),
            "upstreams must name at least one server, \"host:port\"");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "x:1 ";
  EXPECT_EQ(refusal({{"upstreams", many}}), "upstreams may name at most 64 servers");
  EXPECT_EQ(refusal({{"upstreams", "x:1"}, {"timeout", "0s"}}), "timeout must be more than 0s");
}

class SlowCount : public InBothModes {};
INSTANTIATE_TEST_SUITE_P(Modes, SlowCount, both_modes(), name_of_mode);

TEST_P(SlowCount, CountsPrimes) {
  fake_host host(load_shipped_plugin("slow-count"), {}, GetParam());
  for (const auto& [below, count] : {std::pair("0", "0"),
                                     {"1", "0"},
                                     {"2", "0"},
                                     {"3", "1"},
                                     {"4", "2"},
                                     {"5", "2"},
                                     {"10", "4"},
                                     {"100", "25"},
                                     {"262144", "23000"},
                                     {"262147", "23000"},
                                     {"262148", "23001"},
                                     {"1000000", "78498"}})
    EXPECT_EQ(host.send(below), fake_reply(count)) << below;
  EXPECT_EQ(host.operations(), 12u);
  host.cancel_at(1);
  EXPECT_EQ(host.send("10"), fake_error("cancelled"));
}

TEST_P(SlowCount, RefusesTheRest) {
  fake_host host(load_shipped_plugin("slow-count"), {{"limit", "100"}}, GetParam());
  EXPECT_EQ(host.send("100"), fake_reply("25"));
  for (const char* text : {"101", "99999999999999999999"})
    EXPECT_EQ(host.send(text), fake_error("the number is too large (limit 100)"));
  EXPECT_EQ(host.send("-1"), fake_error("the number is negative"));
  for (const char* text : {"", "x", "7x", " 7", "7 "})
    EXPECT_EQ(host.send(text), fake_error("not an integer"));
}

TEST(SlowCountOptions, AreChecked) {
  for (const char* limit : {"0", "-1", "10000000001"}) {
    fake_host host(load_shipped_plugin("slow-count"), {{"limit", limit}});
    EXPECT_EQ(host.refusal(), "limit must be from 1 to 10000000000");
  }
}

}  // namespace
