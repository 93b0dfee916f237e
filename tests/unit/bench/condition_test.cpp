#include "cmd/bench/judge/condition.h"

#include <gtest/gtest.h>

using namespace asyncd;
using namespace asyncd::bench;

namespace {

Measured thousand() {
  Measured measured;
  for (int i = 1; i <= 1000; ++i) measured.latency.record(std::chrono::microseconds(i));
  measured.counts.answered = 1000;
  measured.counts.of(Failure::reset) = 3;
  measured.elapsed = std::chrono::seconds(2);
  return measured;
}

TEST(Condition, HoldsOrDoesNot) {
  const Measured measured = thousand();
  const std::pair<const char*, bool> cases[] = {
      {"p50<600us", true},    {"p50>600us", false}, {"p99.9<1ms", true}, {"max>=1ms", true},
      {"max>1ms", false},     {"mean<1ms", true},   {"rate<501", true},  {"rate>=500", true},
      {"rate>500", false},    {"errors>0", true},   {"errors>3", false}, {"rate<10k", true},
      {"p100<=1000us", true},
  };
  for (const auto& [text, expected] : cases) {
    const Result<Condition> condition = Condition::parse("--fail-if", text);
    ASSERT_TRUE(condition) << condition.error().message;
    EXPECT_EQ(condition->holds(measured), expected) << text;
  }
}

// As where what was asked before the run has been answered in it.
TEST(Condition, OfTimesThatWereNotMeasuredNoneHolds) {
  Measured measured;
  measured.counts.answered = 1;
  for (const char* text : {"p50<1ns", "p50<=0s", "p50>1s", "max<1s", "mean<1s"})
    EXPECT_FALSE(Condition::parse("--find-rate", text)->holds(measured)) << text;
}

TEST(Condition, MistakesAreExplained) {
  for (const char* text : {"", "p99", "p99<", "p99<5", "p0<5ms", "p101<5ms", "q99<5ms", "rate<5ms",
                           "p99=5ms", "<5ms"}) {
    const Result<Condition> condition = Condition::parse("--fail-if", text);
    ASSERT_FALSE(condition) << text;
    EXPECT_EQ(condition.error().code, ExitCode::usage);
    EXPECT_EQ(condition.error().message, "--fail-if='" + std::string(text) +
                                             "' is not a condition; expected p50, p99.9, max or "
                                             "mean with a time, or rate or errors with a number, "
                                             "as in --fail-if='p99>5ms'");
  }
}

}  // namespace
