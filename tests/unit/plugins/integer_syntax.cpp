// What square and double take for an integer, and what they say about everything else.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "library.h"
#include "sdk/fake_host.hpp"

namespace {

using asyncd::fake_error;
using asyncd::fake_reply;
using namespace std::string_literals;

class IntegerSyntax : public testing::Test {
 protected:
  asyncd::fake_host square{load_shipped_plugin("square")};
  asyncd::fake_host doubling{load_shipped_plugin("double")};
};

TEST_F(IntegerSyntax, TakesSignsSpacesAndLeadingZeros) {
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> cases = {
      {"0", {"0", "0"}},
      {"-0", {"0", "0"}},
      {"+0", {"0", "0"}},
      {"5", {"25", "10"}},
      {"+5", {"25", "10"}},
      {"-5", {"25", "-10"}},
      {"007", {"49", "14"}},
      {" 12", {"144", "24"}},
      {"12 ", {"144", "24"}},
      {" \t\n\v\f\r-12 \t\n\v\f\r", {"144", "-24"}},
      {"12345678", {"152415765279684", "24691356"}},
      {"-123456789012 ", {"15241578753153483936144", "-246913578024"}},
      {"0000000000000000000000000000000000012", {"144", "24"}},
      {"-0000000000000000000000000000000000000", {"0", "0"}},
      {std::string(4299, '0') + "9", {"81", "18"}},
      {"-" + std::string(4299, '0') + "9", {"81", "-18"}},
      {std::string(9000, ' ') + "3" + std::string(9000, '\n'), {"9", "6"}},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(square.send(message), fake_reply(expected.first)) << message;
    EXPECT_EQ(doubling.send(message), fake_reply(expected.second)) << message;
  }
}

TEST_F(IntegerSyntax, RefusesWhatIsNotAnInteger) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "empty message; an integer is expected"},
      {" \r\n\t", "empty message; an integer is expected"},
      {"abc", R"(not an integer: "abc")"},
      {" abc\r\n", R"(not an integer: "abc")"},
      {"+", R"(not an integer: "+")"},
      {"-", R"(not an integer: "-")"},
      {"--1", R"(not an integer: "--1")"},
      {"+-1", R"(not an integer: "+-1")"},
      {"- 1", R"(not an integer: "- 1")"},
      {"1 2", R"(not an integer: "1 2")"},
      {"1.5", R"(not an integer: "1.5")"},
      {"1e3", R"(not an integer: "1e3")"},
      {"0x10", R"(not an integer: "0x10")"},
      {"1,000", R"(not an integer: "1,000")"},
      {"/", R"(not an integer: "/")"},
      {":", R"(not an integer: ":")"},
      {"12345678:", R"(not an integer: "12345678:")"},
      {"1234567/", R"(not an integer: "1234567/")"},
      {"1234567\xfa", R"(not an integer: "1234567\xfa")"},
      {"a\"b\\c", R"(not an integer: "a\"b\\c")"},
      {"a\x1b[31m\x7f\xc3\xa9", R"(not an integer: "a\x1b[31m\x7f\xc3\xa9")"},
      {"1\0"s, R"(not an integer: "1\x00")"},
      {"1234567890123456789x", R"(not an integer: "1234567890123456789x")"},
      {std::string(40, 'x'), "not an integer: \"" + std::string(40, 'x') + "\""},
      {std::string(41, 'x'), "not an integer: \"" + std::string(40, 'x') + "\"..."},
      {std::string(9000, '1') + "x", "not an integer: \"" + std::string(40, '1') + "\"..."},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_EQ(square.send(message), fake_error(expected)) << message;
    EXPECT_EQ(doubling.send(message), fake_error(expected)) << message;
  }
}

TEST_F(IntegerSyntax, CountsAllDigitsTowardsTheLimit) {
  const asyncd::fake_answer too_long = fake_error("integer too long (limit 4300 digits)");
  for (const char digit : {'0', '1', '9'}) {
    const std::string at_limit(4300, digit);
    for (const std::string sign : {"", "-", "+"}) {
      EXPECT_EQ(square.send(sign + at_limit).outcome, ASYNCD_REPLY);
      EXPECT_EQ(doubling.send(sign + at_limit).outcome, ASYNCD_REPLY);
      EXPECT_EQ(square.send(sign + at_limit + digit), too_long);
      EXPECT_EQ(doubling.send(sign + at_limit + digit), too_long);
    }
  }
  EXPECT_EQ(square.send(std::string(1 << 20, '7')), too_long);
}

TEST_F(IntegerSyntax, EveryByteInEveryPlaceIsADigitOrRefused) {
  for (std::size_t length = 1; length <= 20; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string message(length, '1');
        message[place] = static_cast<char>(byte);
        const bool is_digit = byte >= '0' && byte <= '9';
        const bool is_space = byte == ' ' || (byte >= '\t' && byte <= '\r');
        const bool is_sign = byte == '+' || byte == '-';
        const bool at_edge = place == 0 || place == length - 1;
        const bool fits =
            is_digit || (length > 1 && ((is_space && at_edge) || (is_sign && place == 0)));
        ASSERT_EQ(square.send(message).outcome == ASYNCD_REPLY, fits)
            << "length " << length << " byte " << byte;
        ASSERT_EQ(doubling.send(message).outcome == ASYNCD_REPLY, fits)
            << "length " << length << " byte " << byte;
      }
    }
  }
}

TEST_F(IntegerSyntax, AReplyOverTheListenersLimitIsAnError) {
  square.limit_reply(1000);
  doubling.limit_reply(1000);
  EXPECT_EQ(square.send(std::string(600, '9')), fake_error("reply too long"));
  EXPECT_EQ(doubling.send(std::string(1200, '9')), fake_error("reply too long"));
  EXPECT_EQ(square.send("3"), fake_reply("9"));
}

}  // namespace
