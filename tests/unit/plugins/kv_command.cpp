// kv's commands as they are read; what the conversations of kv.cpp do not show.
#include "kv/command.h"

#include <gtest/gtest.h>

namespace kv {
namespace {

TEST(KvCommand, ReadsEachPart) {
  const Command set = parse_command("cas key 4294967295 -5 1048576 18446744073709551615 noreply");
  EXPECT_EQ(set.verb, Verb::cas);
  EXPECT_EQ(set.key, "key");
  EXPECT_EQ(set.flags, 4294967295u);
  EXPECT_EQ(set.expiry, -5);
  EXPECT_EQ(set.bytes, 1048576u);
  EXPECT_EQ(set.number, 18446744073709551615u);
  EXPECT_TRUE(set.noreply);
  EXPECT_TRUE(set.mistake.empty());
  EXPECT_TRUE(has_data(set));
  EXPECT_FALSE(has_data(parse_command("cas key 0 0 1")));
  EXPECT_FALSE(has_data(parse_command("get key")));
}

TEST(KvCommand, TooManyWordsAreNone) {
  EXPECT_EQ(parse_command("set a 0 0 1 noreply x").mistake, "ERROR");
  EXPECT_EQ(parse_command("set a 0 0 1 1 1 1 1 1 noreply").mistake, "ERROR");
  EXPECT_EQ(parse_command("incr a 1 1").mistake, "ERROR");
}

TEST(KvCommand, FindsTheEndOfALine) {
  EXPECT_EQ(find_line("abc\r\nd").text, "abc");
  EXPECT_EQ(find_line("abc\r\nd").total, 5u);
  EXPECT_EQ(find_line("\n").total, 1u);
  EXPECT_EQ(find_line("\r\n").text, "");
  EXPECT_EQ(find_line("a\rb\n").text, "a\rb");
  EXPECT_EQ(find_line("abc\r").total, 0u);
}

TEST(KvCommand, TakesWords) {
  std::string_view text = "  one two  ";
  EXPECT_EQ(take_word(text), "one");
  EXPECT_EQ(take_word(text), "two");
  EXPECT_EQ(take_word(text), "");
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace kv
