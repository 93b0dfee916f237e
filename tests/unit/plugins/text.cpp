// The handlers that ship and know nothing of numbers, and the example in C.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "library.h"
#include "sdk/fake_host.hpp"
#include "tests/unit/sdk/modes.h"

namespace {

using asyncd::fake_error;
using asyncd::fake_host;
using asyncd::fake_mode;
using asyncd::fake_reply;
using asyncd::fake_silence;

std::string every_byte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  return bytes;
}

class Echo : public InBothModes {};
class Hello : public InBothModes {};
class Print : public InBothModes {};
class ReverseInC : public InBothModes {};
class UppercaseEcho : public InBothModes {};

INSTANTIATE_TEST_SUITE_P(Modes, Echo, both_modes(), name_of_mode);
INSTANTIATE_TEST_SUITE_P(Modes, Hello, both_modes(), name_of_mode);
INSTANTIATE_TEST_SUITE_P(Modes, Print, both_modes(), name_of_mode);
INSTANTIATE_TEST_SUITE_P(Modes, ReverseInC, both_modes(), name_of_mode);
INSTANTIATE_TEST_SUITE_P(Modes, UppercaseEcho, both_modes(), name_of_mode);

TEST(ShippedHandlers, DescribeThemselves) {
  for (const std::string name : {"square", "double", "uppercase-echo", "hello", "echo", "print",
                                 "fanout", "kv", "slow-count"}) {
    const asyncd_plugin& plugin = load_shipped_plugin(name);
    EXPECT_EQ(plugin.size, sizeof(asyncd_plugin));
    ASSERT_EQ(plugin.handler_count, 1u);
    EXPECT_EQ(plugin.handlers[0]->name, name);
    EXPECT_NE(plugin.handlers[0]->summary, nullptr);
    EXPECT_EQ(plugin.handlers[0]->concurrency, std::uint32_t{ASYNCD_REENTRANT});
  }
}

TEST_P(Echo, RepliesWithTheSameBytes) {
  fake_host host(load_shipped_plugin("echo"), {}, GetParam());
  const std::string large(100000, 'x');
  EXPECT_EQ(host.send(""), fake_reply(""));
  EXPECT_EQ(host.send(every_byte()), fake_reply(every_byte()));
  EXPECT_EQ(host.send(large), fake_reply(large));
  host.limit_reply(99999);
  EXPECT_EQ(host.send(large), fake_error("reply too long"));
}

TEST_P(Hello, GreetsWhateverTheMessage) {
  fake_host host(load_shipped_plugin("hello"), {}, GetParam());
  EXPECT_EQ(host.send(""), fake_reply("Hello World"));
  EXPECT_EQ(host.send("who is there"), fake_reply("Hello World"));
}

TEST_P(Hello, TakesItsTextFromTheOption) {
  fake_host host(load_shipped_plugin("hello"), {{"text", "Good day"}}, GetParam());
  EXPECT_EQ(host.send("x"), fake_reply("Good day"));
  const std::string large(5000, '!');
  fake_host talkative(load_shipped_plugin("hello"), {{"text", large}}, GetParam());
  EXPECT_EQ(talkative.send("x"), fake_reply(large));
}

TEST_P(Print, LogsTheTextWithItsCallAndSaysNothing) {
  fake_host host(load_shipped_plugin("print"), {}, GetParam());
  EXPECT_EQ(host.send("one"), fake_silence());
  EXPECT_EQ(host.send(every_byte()), fake_silence());
  ASSERT_EQ(host.log().size(), 2u);
  EXPECT_EQ(host.log()[0], (asyncd::fake_log_line{ASYNCD_LOG_INFO, "one", true}));
  EXPECT_EQ(host.log()[1].text, every_byte());
}

TEST_P(UppercaseEcho, ChangesAsciiLettersOnly) {
  fake_host host(load_shipped_plugin("uppercase-echo"), {}, GetParam());
  std::string expected = every_byte();
  for (char& byte : expected)
    if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 'a' + 'A');
  EXPECT_EQ(host.send(every_byte()), fake_reply(expected));
  EXPECT_EQ(host.send("Gr\xc3\xbc\xc3\x9f dich, z{`a"),
            fake_reply("GR\xc3\xbc\xc3\x9f DICH, Z{`A"));
}

TEST_P(UppercaseEcho, EverySizeOfText) {
  fake_host host(load_shipped_plugin("uppercase-echo"), {}, GetParam());
  for (std::size_t size = 0; size <= 300; ++size)
    ASSERT_EQ(host.send(std::string(size, 'q')), fake_reply(std::string(size, 'Q')));
}

TEST_P(UppercaseEcho, TrimsOnlyWhenAsked) {
  fake_host plain(load_shipped_plugin("uppercase-echo"), {}, GetParam());
  fake_host trimming(load_shipped_plugin("uppercase-echo"), {{"trim", "true"}}, GetParam());
  EXPECT_EQ(plain.send(" a b\t"), fake_reply(" A B\t"));
  EXPECT_EQ(trimming.send(" \t\n\v\f\ra b\r\n"), fake_reply("A B"));
  EXPECT_EQ(trimming.send("ab"), fake_reply("AB"));
  EXPECT_EQ(trimming.send(" \t "), fake_reply(""));
  EXPECT_EQ(trimming.send(""), fake_reply(""));
}

TEST_P(UppercaseEcho, RepliesAfterItsDelay) {
  fake_host host(load_shipped_plugin("uppercase-echo"), {{"delay", "1h"}, {"trim", "true"}},
                 GetParam());
  host.limit_call(std::chrono::hours(2));
  EXPECT_EQ(host.send(" slow "), fake_reply("SLOW"));
  EXPECT_EQ(host.now(), std::chrono::hours(1));
  EXPECT_EQ(host.operations(), 1u);
  host.cancel_at(1);
  EXPECT_EQ(host.send("gone"), fake_error("cancelled"));
  EXPECT_TRUE(host.log().empty());
}

TEST_P(UppercaseEcho, WithoutADelayNothingIsSubmitted) {
  fake_host host(load_shipped_plugin("uppercase-echo"), {{"delay", "0s"}}, GetParam());
  host.limit_memory(0);
  EXPECT_EQ(host.send("quick"), fake_reply("QUICK"));
  EXPECT_EQ(host.operations(), 0u);
  host.limit_reply(300);
  EXPECT_EQ(host.send(std::string(301, 'x')), fake_error("reply too long"));
}

TEST(UppercaseEchoDelay, ThousandCallsSleepAtTheSameTime) {
  fake_host host(load_shipped_plugin("uppercase-echo"), {{"delay", "100ms"}}, fake_mode::deferred);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(host.begin("text"), static_cast<std::size_t>(i));
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(host.answer(i), fake_reply("TEXT"));
  EXPECT_EQ(host.now(), std::chrono::milliseconds(100));
}

TEST(UppercaseEchoDelay, MustNotBeNegative) {
  fake_host host(load_shipped_plugin("uppercase-echo"), {{"delay", "-1s"}});
  EXPECT_FALSE(host.created());
  EXPECT_EQ(host.refusal(), "delay must not be negative");
}

TEST_P(ReverseInC, RepliesInReverseOrder) {
  fake_host host(load_example_plugin("reverse"), {}, GetParam());
  std::string reversed = every_byte();
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(host.send("abc"), fake_reply("cba"));
  EXPECT_EQ(host.send(""), fake_reply(""));
  EXPECT_EQ(host.send(every_byte() + every_byte()), fake_reply(reversed + reversed));
}

TEST_P(ReverseInC, ObeysItsOptionAndTheListenersLimit) {
  fake_host host(load_example_plugin("reverse"), {{"limit", "1KiB"}}, GetParam());
  EXPECT_EQ(host.send(std::string(1024, 'x')), fake_reply(std::string(1024, 'x')));
  EXPECT_EQ(host.send(std::string(1025, 'x')), fake_error("message too long to reverse"));
  host.limit_reply(1000);
  EXPECT_EQ(host.send(std::string(1024, 'x')), fake_error("message too long to reverse"));
  fake_host refused(load_example_plugin("reverse"), {{"limit", "0"}}, GetParam());
  EXPECT_FALSE(refused.created());
  EXPECT_EQ(refused.refusal(), "limit must be at least 1");
}

}  // namespace
