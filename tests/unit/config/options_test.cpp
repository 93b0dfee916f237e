// The options of handlers: kept raw until the handler's own table is known.
#include <array>

#include "support.h"

namespace asyncd {
namespace {

const std::array<Setting, 3> echo_table{
    {{.key = "delay",
      .type = SettingType::duration,
      .fallback = "100ms",
      .doc = "before each reply"},
     {.key = "trim", .type = SettingType::boolean, .fallback = "false", .doc = "strip white space"},
     {.key = "text", .fallback = "hi", .doc = "what is said"}}};

class ConfigOptions : public ConfigTest {
 protected:
  Result<std::vector<Value>> resolved(const std::string& text) {
    const Loaded result = loaded("[[listener]]\nhandler = \"uppercase-echo\"\n" + text);
    const auto handler = result.config.handlers.find("uppercase-echo");
    if (handler == result.config.handlers.end())
      return resolve_options(echo_table, {}, "handler 'uppercase-echo'");
    return resolve_options(echo_table, handler->second.options, "handler 'uppercase-echo'");
  }

  std::vector<Value> values(const std::string& text) {
    const auto result = resolved(text);
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : std::vector<Value>{};
  }

  static std::vector<Value> expected(std::int64_t delay_ms, std::int64_t trim,
                                     const std::string& text) {
    return {Value(delay_ms * 1'000'000), Value(trim), Value(text)};
  }
};

TEST_F(ConfigOptions, ComeInTheOrderOfTheTable) {
  EXPECT_EQ(values(""), expected(100, 0, "hi"));
  EXPECT_EQ(values("[handler.uppercase-echo]\ntext = \"a\\nb\"\ntrim = true\ndelay = \"2s\"\n"),
            expected(2000, 1, "a\nb"));
}

TEST_F(ConfigOptions, AllSourcesByTheirPrecedence) {
  const std::string file = "[handler.uppercase-echo]\ndelay = \"1s\"\n";
  set("ASYNCD_HANDLER_UPPERCASE_ECHO_DELAY", "2s");
  set("ASYNCD_HANDLER_UPPERCASE_ECHO_TRIM", "true");
  EXPECT_EQ(values(file), expected(2000, 1, "hi"));
  sources.assignments = {"handler.uppercase-echo.delay=3s"};
  EXPECT_EQ(values(file), expected(3000, 1, "hi"));
}

TEST_F(ConfigOptions, MistakesHaveTheirPlace) {
  const auto result = resolved("[handler.uppercase-echo]\ntrm = true\ndelay = 5\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::config_invalid);
  EXPECT_EQ(result.error().message,
            "asyncd.toml:4:1: unknown key 'trm' in handler 'uppercase-echo'; did you mean 'trim'?\n"
            "    4 | trm = true\n"
            "      | ^~~\n"
            "\n"
            "asyncd.toml:5:9: delay: a duration needs a unit: write \"5s\" for seconds, or \"5ms\" "
            "for milliseconds\n"
            "    5 | delay = 5\n"
            "      |         ^");
}

TEST_F(ConfigOptions, MistakesFromElsewhereAreUsageErrors) {
  set("ASYNCD_HANDLER_UPPERCASE_ECHO_TRIM", "yes");
  const auto result = resolved("");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::usage);
  EXPECT_EQ(result.error().message,
            "environment ASYNCD_HANDLER_UPPERCASE_ECHO_TRIM: expected true or false, not 'yes'");
}

TEST_F(ConfigOptions, TheLongestNameOwnsAVariable) {
  set("ASYNCD_HANDLER_ECHO_ALL_DELAY", "1s");
  const auto handlers = loaded(complete_listener + "[handler.echo-all]\n").config.handlers;
  EXPECT_EQ(handlers.count("echo"), 0U);
  EXPECT_EQ(handlers.at("echo-all").options.at(0).key, "delay");
}

TEST_F(ConfigOptions, LibraryIsNoOption) {
  const HandlerConfig handler =
      loaded(complete_listener + "[handler.echo]\nlibrary = \"/a/b.so\"\nrate = 1.5\n")
          .config.handlers.at("echo");
  EXPECT_EQ(handler.library, "/a/b.so");
  ASSERT_EQ(handler.options.size(), 1U);
  EXPECT_EQ(handler.options[0].text, "1.5");
  EXPECT_EQ(handler.options[0].origin.where, "asyncd.toml:5:8");
  EXPECT_EQ(handler.options[0].key_origin.where, "asyncd.toml:5:1");
}

TEST_F(ConfigOptions, APathHasTheSectionOfItsFileName) {
  EXPECT_EQ(handler_section("echo"), "echo");
  EXPECT_EQ(handler_section("./build/libecho.so"), "echo");
  EXPECT_EQ(handler_section("/opt/uppercase-echo.so"), "uppercase-echo");
  EXPECT_EQ(handler_section("library"), "library");
}

TEST(ParseValue, SaysWhatWasExpected) {
  const Setting number{
      .key = "n", .type = SettingType::integer, .fallback = "1", .doc = "", .least = -5, .most = 5};
  EXPECT_EQ(*parse_value(number, "-5"), Value(std::int64_t{-5}));
  EXPECT_EQ(parse_value(number, "x").error().message, "expected a whole number, not 'x'");
  EXPECT_EQ(parse_value(number, "6").error().message, "6 is too much: at most 5");
  EXPECT_EQ(parse_value(number, "-6").error().message, "-6 is too little: at least -5");
  EXPECT_EQ(parse_value(number, "unlimited").error().message,
            "expected a whole number, not 'unlimited'");
  const Setting text{.key = "t"};
  EXPECT_EQ(*parse_value(text, ""), Value(std::string()));
  EXPECT_EQ(parse_value(text, std::string_view("\0", 1)).error().message,
            "text must not contain a NUL byte");
}

}  // namespace
}  // namespace asyncd
