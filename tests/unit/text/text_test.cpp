#include "core/text/text.h"
#include "core/text/encoding.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/text/encoding.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/path_text.h"

using namespace std::chrono_literals;
using namespace asyncd;

namespace {

TEST(Duration, EveryUnitIsRead) {
  EXPECT_EQ(text::parse_duration("10ns"), 10ns);
  EXPECT_EQ(text::parse_duration("250us"), 250us);
  EXPECT_EQ(text::parse_duration("500ms"), 500ms);
  EXPECT_EQ(text::parse_duration("2s"), 2s);
  EXPECT_EQ(text::parse_duration("3m"), 3min);
  EXPECT_EQ(text::parse_duration("1h"), 1h);
  EXPECT_EQ(text::parse_duration("0s"), 0s);
}

TEST(Duration, WhatIsNoneIsRefused) {
  for (const char* bad :
       {"", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "1.5s", "5S", "5sec", "1m30s", "0x5s",
        "9223372036854775808ns", "99999999999999h", "99999999999999999999s"})
    EXPECT_FALSE(text::parse_duration(bad)) << bad;
}

TEST(Duration, IsWrittenShortAndReadBack) {
  EXPECT_EQ(text::format_duration(0s), "0s");
  EXPECT_EQ(text::format_duration(60s), "1m");
  EXPECT_EQ(text::format_duration(90s), "90s");
  EXPECT_EQ(text::format_duration(1500ms), "1500ms");
  EXPECT_EQ(text::format_duration(7200s), "2h");
  EXPECT_EQ(text::format_duration(-5s), "-5s");
  for (const Duration value :
       {Duration(0), Duration(1), Duration(1001), Duration(59s), Duration(61min), unlimited_time})
    EXPECT_EQ(text::parse_duration(text::format_duration(value)), value);
}

TEST(Duration, IsShownWithTwoDigitsAndAUnit) {
  EXPECT_EQ(text::show_duration(0s), "0us");
  EXPECT_EQ(text::show_duration(340ns), "0.3us");
  EXPECT_EQ(text::show_duration(2us), "2us");
  EXPECT_EQ(text::show_duration(312ms + 400us), "312ms");
  EXPECT_EQ(text::show_duration(1'703'449'718ns), "1.7s");
  EXPECT_EQ(text::show_duration(9'960ms), "10s");
  EXPECT_EQ(text::show_duration(59s), "59s");
  EXPECT_EQ(text::show_duration(90s), "1.5m");
  EXPECT_EQ(text::show_duration(-5s), "-5s");
  EXPECT_EQ(text::show_duration(Duration::max()), "2562048h");
}

TEST(Size, BinaryUnitsAndPlainBytesAreRead) {
  EXPECT_EQ(text::parse_size("65536"), 65536U);
  EXPECT_EQ(text::parse_size("100B"), 100U);
  EXPECT_EQ(text::parse_size("64KiB"), 65536U);
  EXPECT_EQ(text::parse_size("1MiB"), 1048576U);
  EXPECT_EQ(text::parse_size("2GiB"), 2147483648U);
  EXPECT_EQ(text::parse_size("18446744073709551615"), UINT64_MAX);
  for (const char* bad :
       {"", "k", "64k", "64KB", "64 KiB", "-1", "1.5MiB", "18446744073709551616", "99999999TiB"})
    EXPECT_FALSE(text::parse_size(bad)) << bad;
}

TEST(Size, IsWrittenShortAndReadBack) {
  EXPECT_EQ(text::format_size(0), "0B");
  EXPECT_EQ(text::format_size(1000), "1000B");
  EXPECT_EQ(text::format_size(262144), "256KiB");
  EXPECT_EQ(text::format_size(1U << 30U), "1GiB");
  for (const std::uint64_t size :
       {0ULL, 1ULL, 1025ULL, 3ULL << 20U, 5ULL << 40U, 18446744073709551615ULL})
    EXPECT_EQ(text::parse_size(text::format_size(size)), size);
}

TEST(Count, DecimalUnitsAreRead) {
  EXPECT_EQ(text::parse_count("0"), 0U);
  EXPECT_EQ(text::parse_count("10k"), 10'000U);
  EXPECT_EQ(text::parse_count("2M"), 2'000'000U);
  for (const char* bad : {"", "k", "10 k", "10K", "10kk", "-1", "1e3", "10KiB"})
    EXPECT_FALSE(text::parse_count(bad));
}

TEST(Integer, TakesASign) {
  EXPECT_EQ(text::parse_integer("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(text::parse_integer("+7"), 7);
  for (const char* bad : {"", "+", "-", "+-7", "--7", "7x", " 7", "9223372036854775808", "7.0"})
    EXPECT_FALSE(text::parse_integer(bad)) << bad;
}

constexpr std::array<std::string_view, 5> backends{"blocking", "thread-per-connection",
                                                   "thread-pool", "select", "proactor"};

TEST(Nearest, FindsSlipsOfTheFingers) {
  EXPECT_EQ(text::nearest("selct", backends), "select");
  EXPECT_EQ(text::nearest("proactro", backends), "proactor");
  EXPECT_EQ(text::nearest("thread_pool", backends), "thread-pool");
  EXPECT_EQ(text::nearest("SELECT", backends), "select");
}

TEST(Nearest, CompletesABeginning) {
  EXPECT_EQ(text::nearest("block", backends), "blocking");
  constexpr std::array<std::string_view, 3> flags{"handler-path", "handler", "help"};
  EXPECT_EQ(text::nearest("hand", flags), "handler") << "the other one begins with it";
  EXPECT_FALSE(text::nearest("he-all-the-rest", flags));
}

TEST(Nearest, GuessesNothingFromNothing) {
  EXPECT_FALSE(text::nearest("", backends));
  EXPECT_FALSE(text::nearest("x", backends));
  EXPECT_FALSE(text::nearest("epoll", backends));
  EXPECT_FALSE(text::nearest("thread", backends)) << "two begin with it";
  EXPECT_FALSE(text::nearest(std::string(1 << 20, 's'), backends));
  EXPECT_FALSE(text::nearest("select", {}));
}

TEST(Nearest, SuggestionIsReadyToBeAppended) {
  EXPECT_EQ(text::suggestion("selct", backends), "; did you mean 'select'?");
  EXPECT_EQ(text::suggestion("epoll", backends), "");
}

TEST(Utf8, LengthOfTheFirstCharacter) {
  EXPECT_EQ(text::utf8_length(""), 0U);
  EXPECT_EQ(text::utf8_length("a\xFF"), 1U);
  EXPECT_EQ(text::utf8_length("\xC3\xA9"), 2U);
  EXPECT_EQ(text::utf8_length("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(text::utf8_length("\xF0\x9F\x98\x80"), 4U);
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x98"})
    EXPECT_EQ(text::utf8_length(bad), 0U) << text::printable(bad);
}

TEST(Printable, ActsOnNoTerminal) {
  EXPECT_EQ(text::printable("plain text"), "plain text");
  EXPECT_EQ(text::printable("a\tb\r\nc"), "a\\tb\\r\\nc");
  EXPECT_EQ(text::printable("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
  EXPECT_EQ(text::printable("say \"\\\""), "say \\\"\\\\\\\"");
  EXPECT_EQ(text::printable("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(text::printable("\xFF\xFE"), "\\xff\\xfe");
  EXPECT_EQ(text::printable(std::string("\0", 1)), "\\x00");
  EXPECT_EQ(text::printable("\xC2\x9B"), "\\xc2\\x9b") << "a control character of eight bits";
  EXPECT_EQ(text::printable("\xE2\x80\xAE"), "\\xe2\\x80\\xae")
      << "turns the direction of writing around";
  EXPECT_EQ(text::printable("\xD8\x9C\xD8\x9B"), "\\xd8\\x9c\xD8\x9B")
      << "so does this one, but not the next";
}

TEST(Printable, ShownLeavesQuotesAndBackslashes) {
  EXPECT_EQ(text::shown("say \"\\n\"\x1b\xFF"), "say \"\\n\"\\x1b\\xff");
  EXPECT_EQ(text::shown("abcdef", 3), "abc...");
}

TEST(Printable, IsCutBetweenCharacters) {
  EXPECT_EQ(text::printable("abcdef", 3), "abc...");
  EXPECT_EQ(text::printable("abc", 3), "abc");
  EXPECT_EQ(text::printable("ab\xC3\xA9", 3), "ab...");
}

TEST(Beginning, HasWholeCharacters) {
  EXPECT_EQ(text::beginning("abc", 3), "abc");
  EXPECT_EQ(text::beginning("abc", 2), "ab");
  EXPECT_EQ(text::beginning("abc", 0), "");
  const std::string_view characters = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!";
  const std::size_t whole[] = {0, 0, 2, 2, 2, 5, 5, 5, 5, 9, 10};
  for (std::size_t limit = 0; limit < std::size(whole); ++limit)
    EXPECT_EQ(text::beginning(characters, limit), characters.substr(0, whole[limit])) << limit;
  EXPECT_EQ(text::beginning("\xA9\xA9\xA9\xA9", 3), "\xA9\xA9\xA9")
      << "bytes that belong to no character";
}

TEST(Json, IsQuoted) {
  EXPECT_EQ(text::json_quote(""), "\"\"");
  EXPECT_EQ(text::json_quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(text::json_quote("\b\f\n\r\t\x01\x7f"), "\"\\b\\f\\n\\r\\t\\u0001\\u007f\"");
  EXPECT_EQ(text::json_quote("\xE2\x82\xAC\xFF!"), "\"\xE2\x82\xAC\xEF\xBF\xBD!\"");
  EXPECT_EQ(text::json_quote("\xC2\x9B\xE2\x80\xAE"), R"("\u009b\u202e")")
      << "which act on a terminal";
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(text::join({}, ", "), "");
  EXPECT_EQ(text::join(backends, "|"),
            "blocking|thread-per-connection|thread-pool|select|proactor");
}

TEST(PathText, IsUtf8OnEverySystem) {
  EXPECT_EQ(path_of("a/\xc3\xbc\xe6\x97\xa5.so"), std::filesystem::path(u8"a/\u00fc\u65e5.so"));
  EXPECT_EQ(path_text(std::filesystem::path(u8"\u00fc\u65e5")), "\xc3\xbc\xe6\x97\xa5");
}

TEST(TextShown, LinesKeepTheirEndsAndNothingElseThatActs) {
  EXPECT_EQ(text::shown_lines("a\tb\n\x1b[31m\n"), "a\\tb\n\\x1b[31m\n");
  EXPECT_EQ(text::shown_lines(std::string(5000, 'x')).size(), 5000U);
  EXPECT_EQ(text::shown_lines(""), "");
}

TEST(TextControl, IsFoundWhereverItIs) {
  EXPECT_EQ(text::find_control("D:\temp"), 2U);
  EXPECT_EQ(text::find_control("a\x7f"), 1U);
  EXPECT_EQ(text::find_control("ab\xC2\x85"), 2U);
  EXPECT_EQ(text::find_control("caf\xC3\xA9 \xE2\x80\xAE"), std::string_view::npos);
  EXPECT_EQ(text::find_control(""), std::string_view::npos);
}

TEST(TextEncoding, IsToldByItsMarkOrByItsNuls) {
  const auto told = [](const char* bytes, std::size_t size) {
    return text::foreign_encoding({bytes, size});
  };
  EXPECT_EQ(told("\xFF\xFE#\0", 4), "UTF-16 (little-endian)");
  EXPECT_EQ(told("\xFE\xFF\0#", 4), "UTF-16 (big-endian)");
  EXPECT_EQ(told("\xFF\xFE\0\0#\0\0\0", 8), "UTF-32 (little-endian)");
  EXPECT_EQ(told("\0\0\xFE\xFF\0\0\0#", 8), "UTF-32 (big-endian)");
  EXPECT_EQ(told("#\0a\0", 4), "UTF-16 (little-endian)");
  EXPECT_EQ(told("\0#\0a", 4), "UTF-16 (big-endian)");
  EXPECT_EQ(told("#\0\0\0a\0\0\0", 8), "UTF-32 (little-endian)");
  EXPECT_EQ(told("\0\0\0#\0\0\0a", 8), "UTF-32 (big-endian)");
  for (const std::string& plain :
       {std::string(), std::string("# a\n"), std::string("\xEF\xBB\xBF#", 4), std::string(8, '\0'),
        std::string("# a\n# b\0c\n", 10)})
    EXPECT_EQ(text::foreign_encoding(plain), "");
}

}  // namespace
