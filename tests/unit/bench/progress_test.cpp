#include "cmd/bench/show/progress.h"

#include <gtest/gtest.h>

#include "cmd/cli/format.h"

using namespace asyncd;
using namespace asyncd::bench;

namespace {

Second second(int at) {
  return {.at = std::chrono::seconds(at),
          .length = std::chrono::seconds(1),
          .connections = 64,
          .answered = 123'456,
          .failed = 2,
          .p50 = std::chrono::microseconds(412),
          .p99 = std::chrono::microseconds(1230)};
}

std::string shown(ProgressForm form) {
  std::string out;
  Progress progress(form, [&](const std::string& text) { out += text; });
  progress.begin("square on select", std::chrono::seconds(10));
  progress.second(second(1));
  progress.second(second(5));
  progress.note("enough");
  progress.end();
  return out;
}

TEST(Progress, OneBlockIsDrawnAgainAndThenRemoved) {
  EXPECT_EQ(shown(ProgressForm::block),
            "\x1b[?7l\x1b[2Ksquare on select\n"
            "\x1b[2K[####                                    ]  10 %\n"
            "\x1b[2K123,456/s  p50 412 us  p99 1.23 ms  2 failed  64 connections\x1b[?7h\n"
            "\x1b[3A"
            "\x1b[?7l\x1b[2Ksquare on select\n"
            "\x1b[2K[####################                    ]  50 %\n"
            "\x1b[2K123,456/s  p50 412 us  p99 1.23 ms  4 failed  64 connections\x1b[?7h\n"
            "\x1b[3A\x1b[J"
            "enough\n");
}

TEST(Progress, PlainLinesElsewhere) {
  EXPECT_EQ(shown(ProgressForm::lines),
            "square on select\n"
            "  1.00 s  123,456/s  p50 412 us  p99 1.23 ms  2 failed  64 connections\n"
            "  5.00 s  123,456/s  p50 412 us  p99 1.23 ms  4 failed  64 connections\n"
            "enough\n");
}

TEST(Progress, ObjectsForPrograms) {
  const std::string out = shown(ProgressForm::json);
  EXPECT_EQ(out.substr(0, out.find('\n')),
            R"({"run":"square on select","at_ns":1000000000,"rate":123456.0,)"
            R"("answered":123456,"failed":2,)"
            R"("connections":64,"p50_ns":412000,"p99_ns":1230000,"max_ns":0})");
  EXPECT_NE(out.find("{\"note\":\"enough\"}\n"), std::string::npos);
}

TEST(Progress, OrNothing) { EXPECT_EQ(shown(ProgressForm::none), ""); }

TEST(Format, ThreeDigitsAndAUnit) {
  const std::pair<std::int64_t, const char*> times[] = {
      {0, "0 ns"},
      {999, "999 ns"},
      {1000, "1.00 us"},
      {9'994, "9.99 us"},
      {9'996, "10.0 us"},
      {412'000, "412 us"},
      {999'600, "1.00 ms"},
      {1'230'000, "1.23 ms"},
      {99'960'000, "100 ms"},
      {10'000'000'000, "10.0 s"},
      {3'600'000'000'000, "3600 s"},
  };
  for (const auto& [nanos, text] : times) EXPECT_EQ(show_time(Duration(nanos)), text);
  EXPECT_EQ(show_count(1'234'567), "1,234,567");
  EXPECT_EQ(show_count(999.6), "1,000");
  EXPECT_EQ(show_count(12), "12");
  EXPECT_EQ(show_bytes(1023), "1023 B");
  EXPECT_EQ(show_bytes(12'902'400), "12.3 MiB");
  EXPECT_EQ(show_percent(0.984), "98.4 %");
  EXPECT_EQ(show_ratio(1.834), "1.83x");
}

}  // namespace
