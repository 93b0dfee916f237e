// What asyncd send does with bytes: how it frames those that it sends, and cuts those that it
// prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cmd/send/feed.h"
#include "cmd/send/progress.h"
#include "cmd/send/replies.h"

namespace asyncd::send {

namespace {

constexpr Framing lines{};
constexpr Framing raw{.kind = FramingKind::raw};
constexpr Framing lengths{.kind = FramingKind::length, .prefix_size = 1};

// What is sent for `bytes`, which come in two pieces.
std::string sent(const Framing& framing, std::string_view bytes, std::size_t first) {
  MessageWriter writer(framing);
  std::string out;
  EXPECT_TRUE(writer.write(bytes.substr(0, first), out));
  EXPECT_TRUE(writer.write(bytes.substr(first), out));
  EXPECT_TRUE(writer.end(out));
  return out;
}

std::string printed(const std::string& name, const Framing& framing, std::string_view bytes,
                    std::size_t first) {
  std::string out;
  Replies replies(name, framing, [&out](std::string_view text) { out += text; });
  EXPECT_TRUE(replies.add(bytes.substr(0, first)));
  EXPECT_TRUE(replies.add(bytes.substr(first)));
  replies.end();
  return out;
}

TEST(MessageWriter, FramesAlikeHoweverBytesAreCut) {
  const std::string text = "a\n\nbcd\nlast";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    EXPECT_EQ(sent(lines, text, first), text + "\n");
    EXPECT_EQ(sent(raw, text, first), text);
    EXPECT_EQ(sent(lengths, text, first), std::string("\1a\0\3bcd\4last", 12));
  }
  EXPECT_EQ(sent(lines, "", 0), "");
  EXPECT_EQ(sent(lines, "a\n", 1), "a\n");
  EXPECT_EQ(sent(lengths, "a\n", 1), "\1a");
  EXPECT_EQ(sent(lengths, "a\r\nb\r", 2), "\1a\2b\r");
}

TEST(MessageWriter, RefusesWhatItsPrefixCannotTell) {
  MessageWriter writer(lengths);
  std::string out;
  EXPECT_TRUE(writer.write_message(std::string(255, 'x'), out));
  const Result<void> written = writer.write_message(std::string(256, 'x'), out);
  ASSERT_FALSE(written);
  EXPECT_EQ(
      written.error().message,
      "a message of 256 bytes cannot be sent: its length does not fit into a prefix of 1 bytes");
  EXPECT_EQ(out.size(), 256U);
}

TEST(Replies, AreCutAlikeHoweverBytesCome) {
  const std::string text = "a\n\nbcd\nlast";
  const std::string messages("\1a\0\3bcd", 7);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    EXPECT_EQ(printed("", lines, text, first), text);
    EXPECT_EQ(printed("s", lines, text, first), "s: a\ns: \ns: bcd\ns: last\n");
  }
  for (std::size_t first = 0; first <= messages.size(); ++first) {
    EXPECT_EQ(printed("", lengths, messages, first), "a\n\nbcd\n");
    EXPECT_EQ(printed("s", lengths, messages, first), "s: a\ns: \ns: bcd\n");
  }
}

TEST(Replies, OfAnotherFramingAreNoticed) {
  Replies replies("", {.kind = FramingKind::length}, [](std::string_view) { FAIL(); });
  EXPECT_TRUE(replies.add("er"));
  EXPECT_FALSE(replies.add("ror: no"));
}

TEST(Replies, LongLinesAreNotKept) {
  std::string out;
  Replies replies("s", lines, [&out](std::string_view text) { out += text; });
  for (int i = 0; i < 3 << 10; ++i) replies.add(std::string(1 << 10, 'x'));
  EXPECT_GE(out.size(), std::size_t{2} << 20);
}

TEST(Progress, OfManyServersFitsOnATerminal) {
  std::string text;
  Progress progress(Progress::Form::block, [&text](const std::string& more) { text += more; });
  const std::vector<ServerStatus> many(
      50, {.name = "one", .sent = 1024, .received = 512, .over = true});
  progress.show(many);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 16);
  EXPECT_NE(text.find("and 35 more  35.0 KiB sent, 17.5 KiB received; 35 over"), std::string::npos)
      << text;
  text.clear();
  progress.hide();
  EXPECT_EQ(text, "\x1b[16A\x1b[J");
}

}  // namespace

}  // namespace asyncd::send
