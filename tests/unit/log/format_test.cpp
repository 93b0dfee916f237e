#include "core/log/format.h"

#include <gtest/gtest.h>

#include <string>

using namespace asyncd;

namespace {

constexpr std::string_view noon = "2026-01-02T12:00:00.000000Z";

// How bytes of others look in a line: as the message, and as a field's value.
struct Golden {
  const char* name;
  std::string bytes;
  std::string text_message;
  std::string text_value;
  std::string json;
};

void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

using namespace std::string_literals;

const Golden goldens[] = {
    {"Plain", "main", "main", "main", R"("main")"},
    {"Empty", "", "", R"("")", R"("")"},
    {"Spaces", "a b", "a b", R"("a b")", R"("a b")"},
    {"Equals", "a=b", "a=b", R"("a=b")", R"("a=b")"},
    {"Quotes", R"(say "\")", R"(say \"\\\")", R"("say \"\\\"")", R"("say \"\\\"")"},
    {"LineEnds", "a\r\nb\n", R"(a\r\nb\n)", R"("a\r\nb\n")", R"("a\r\nb\n")"},
    {"Zero", "a\0b"s, R"(a\x00b)", R"("a\x00b")", R"("a\u0000b")"},
    {"Escape", "\x1b[2J\x7f\x07\t", R"(\x1b[2J\x7f\x07\t)", R"("\x1b[2J\x7f\x07\t")",
     R"("\u001b[2J\u007f\u0007\t")"},
    {"ControlOfEightBits", "\xC2\x9B!", R"(\xc2\x9b!)", R"("\xc2\x9b!")", R"("\u009b!")"},
    {"Directions", "\xE2\x80\xAE\xE2\x81\xA6", R"(\xe2\x80\xae\xe2\x81\xa6)",
     R"("\xe2\x80\xae\xe2\x81\xa6")", R"("\u202e\u2066")"},
    {"LineSeparator", "\xE2\x80\xA8", R"(\xe2\x80\xa8)", R"("\xe2\x80\xa8")", R"("\u2028")"},
    {"OtherLetters", "caf\xC3\xA9 \xF0\x9F\x98\x80", "caf\xC3\xA9 \xF0\x9F\x98\x80",
     "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"", "\"caf\xC3\xA9 \xF0\x9F\x98\x80\""},
    {"NoUtf8", "a\xFF\xC3(\xED\xA0\x80", R"(a\xff\xc3(\xed\xa0\x80)", R"("a\xff\xc3(\xed\xa0\x80")",
     "\"a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"CutCharacter", "a\xE2\x82", R"(a\xe2\x82)", R"("a\xe2\x82")",
     "\"a\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {"VeryLong", std::string(5000, 'x'), std::string(1024, 'x') + "...",
     '"' + std::string(1024, 'x') + "...\"", '"' + std::string(1024, 'x') + "...\""},
    {"VeryLongOfOtherLetters", std::string(1023, 'x') + "\xC3\xA9", std::string(1023, 'x') + "...",
     '"' + std::string(1023, 'x') + "...\"", '"' + std::string(1023, 'x') + "...\""},
};

class LogFormat : public testing::TestWithParam<Golden> {};

INSTANTIATE_TEST_SUITE_P(All, LogFormat, testing::ValuesIn(goldens),
                         [](const auto& golden) { return std::string(golden.param.name); });

TEST_P(LogFormat, Text) {
  const Golden& golden = GetParam();
  EXPECT_EQ(log::format_text(log::Level::info, golden.bytes, {{"err", golden.bytes}, {"conn", 7}},
                             noon, false),
            "2026-01-02T12:00:00.000000Z info  " + golden.text_message +
                " err=" + golden.text_value + " conn=7");
}

TEST_P(LogFormat, Json) {
  const Golden& golden = GetParam();
  EXPECT_EQ(log::format_json(log::Level::warn, "accept_failed", golden.bytes,
                             {{"err", golden.bytes}, {"conn", 7}}, noon),
            R"({"ts":"2026-01-02T12:00:00.000000Z","level":"warn","msg":)" + golden.json +
                R"(,"event":"accept_failed","err":)" + golden.json + R"(,"conn":7})");
}

TEST(LogFormat, TextMayHaveColor) {
  EXPECT_EQ(log::format_text(log::Level::error, "broken", {}, noon, true),
            "2026-01-02T12:00:00.000000Z \x1b[31merror\x1b[0m broken");
}

TEST(LogFormat, NumbersOfEveryKind) {
  EXPECT_EQ(
      log::format_text(
          log::Level::info, "n",
          {{"a", UINT64_MAX}, {"b", INT64_MIN}, {"c", 0}, {"d", true}, {"e", std::uint8_t{65}}},
          noon, false),
      "2026-01-02T12:00:00.000000Z info  n a=18446744073709551615 b=-9223372036854775808 c=0 d=1 "
      "e=65");
}

TEST(LogFormat, AFieldMayBeLeftOut) {
  const auto none = log::Field::unless_zero("none", 0), some = log::Field::unless_zero("some", 7);
  EXPECT_EQ(log::format_text(log::Level::warn, "n", {none, some}, noon, false),
            "2026-01-02T12:00:00.000000Z warn  n some=7");
  EXPECT_EQ(
      log::format_json(log::Level::warn, "n", "n", {none, some}, noon),
      R"({"ts":"2026-01-02T12:00:00.000000Z","level":"warn","msg":"n","event":"n","some":7})");
}

TEST(LogFormat, TheTimeIsThatOfNow) {
  const std::string line = log::format_line({}, log::Level::info, "listening", "listening", {});
  ASSERT_EQ(line.size(), noon.size() + std::string_view(" info  listening").size()) << line;
  for (std::size_t i = 0; i < noon.size(); ++i) {
    const bool digit = noon[i] >= '0' && noon[i] <= '9';
    EXPECT_TRUE(digit ? line[i] >= '0' && line[i] <= '9' : line[i] == noon[i]) << line;
  }
}

}  // namespace
