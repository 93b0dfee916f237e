// A library's description of itself: what can be told to be wrong in it is rejected.
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string>

#include "core/plugin/plugin.h"

namespace asyncd {

namespace {

// One handler with one option, all of it right.
struct Description {
  asyncd_option options[2] = {
      {sizeof(asyncd_option), ASYNCD_OPTION_DURATION, "delay", "100ms", "how long"}, {}};
  asyncd_handler handler{};
  const asyncd_handler* handlers[2] = {&handler, &handler};
  asyncd_plugin plugin{sizeof(asyncd_plugin), ASYNCD_ABI_MINOR, 1, 0, handlers};

  Description() {
    handler.size = sizeof handler;
    handler.concurrency = ASYNCD_REENTRANT;
    handler.name = "test";
    handler.options = options;
    handler.option_count = 1;
    handler.message = [](void*, asyncd_call*) -> std::int32_t { return ASYNCD_NO_REPLY; };
    handler.frame = [](void*, const char*, std::uint64_t, asyncd_frame*) -> std::int32_t {
      return 0;
    };
  }
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;
};

struct Mistake {
  const char* name;
  std::function<void(Description&)> make;
  const char* told;
};

void PrintTo(const Mistake& mistake, std::ostream* stream) { *stream << mistake.name; }

constexpr std::uint32_t wild = 0xfffffff0;

class PluginDescription : public testing::TestWithParam<Mistake> {};

}  // namespace

TEST_P(PluginDescription, IsRejected) {
  Description description;
  GetParam().make(description);
  const Result<Plugin> plugin = read_plugin(description.plugin, "library");
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().code, ExitCode::handler_rejected);
  EXPECT_EQ(plugin.error().message, GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, PluginDescription,
    testing::Values(Mistake{"PluginTooSmall", [](auto& it) { it.plugin.size = 8; },
                            "its description has the size 8"},
                    Mistake{"PluginTooLarge", [](auto& it) { it.plugin.size = wild; },
                            "its description has the size 4294967280"},
                    Mistake{"NoHandlers", [](auto& it) { it.plugin.handler_count = 0; },
                            "it describes 0 handlers"},
                    Mistake{"TooManyHandlers", [](auto& it) { it.plugin.handler_count = 257; },
                            "it describes 257 handlers"},
                    Mistake{"NoTableOfHandlers", [](auto& it) { it.plugin.handlers = nullptr; },
                            "it describes 1 handlers"},
                    Mistake{"Hole", [](auto& it) { it.handlers[0] = nullptr; },
                            "its list of handlers has a hole"},
                    Mistake{"TwoOfOneName", [](auto& it) { it.plugin.handler_count = 2; },
                            "it has two handlers named 'test'"},
                    Mistake{"HandlerTooSmall", [](auto& it) { it.handler.size = 96; },
                            "the description of a handler has the size 96"},
                    Mistake{"HandlerWithPartOfAField", [](auto& it) { it.handler.size -= 3; },
                            "the description of a handler has the size 117"},
                    Mistake{"HandlerTooLarge", [](auto& it) { it.handler.size = wild; },
                            "the description of a handler has the size 4294967280"},
                    Mistake{"NoName", [](auto& it) { it.handler.name = nullptr; },
                            "a handler has no proper name (lower-case letters, digits, '-')"},
                    Mistake{"ImproperName", [](auto& it) { it.handler.name = "Test"; },
                            "a handler has no proper name (lower-case letters, digits, '-')"},
                    Mistake{"NoMessageHook", [](auto& it) { it.handler.message = nullptr; },
                            "handler 'test': it has no message hook"},
                    Mistake{"Concurrency", [](auto& it) { it.handler.concurrency = 4; },
                            "handler 'test': unknown concurrency 4"},
                    Mistake{"TooManyOptions", [](auto& it) { it.handler.option_count = 257; },
                            "handler 'test': it declares 257 options"},
                    Mistake{"NoTableOfOptions", [](auto& it) { it.handler.options = nullptr; },
                            "handler 'test': its table of options is missing"},
                    Mistake{"OptionTooSmall", [](auto& it) { it.options[0].size = 24; },
                            "handler 'test': its table of options has rows of a wrong size"},
                    Mistake{"OptionTooLarge", [](auto& it) { it.options[0].size = wild; },
                            "handler 'test': its table of options has rows of a wrong size"},
                    Mistake{"NoKey", [](auto& it) { it.options[0].key = nullptr; },
                            "handler 'test': an option has no proper key"},
                    Mistake{"OptionTwice",
                            [](auto& it) {
                              it.options[1] = it.options[0];
                              it.handler.option_count = 2;
                            },
                            "handler 'test': it declares the option 'delay' twice"},
                    Mistake{"TypeOfOption", [](auto& it) { it.options[0].type = 6; },
                            "handler 'test': option 'delay' has the unknown type 6"},
                    Mistake{"DefaultOfOption", [](auto& it) { it.options[0].fallback = nullptr; },
                            "handler 'test': the default of its option 'delay': expected a "
                            "duration such as \"500ms\", \"30s\" or "
                            "\"5m\", not ''"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(PluginDescriptions, WhatIsRightIsAccepted) {
  const Description description;
  const Result<Plugin> plugin = read_plugin(description.plugin, "library");
  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_EQ(plugin->handlers.at(0).options.at(0).fallback, "100ms");
  EXPECT_NE(plugin->handlers.at(0).hooks.frame, nullptr);
}

TEST(PluginDescriptions, AnOlderOneLacksWhatItDoesNotKnow) {
  Description description;
  description.handler.size = offsetof(asyncd_handler, frame);
  const Result<Plugin> plugin = read_plugin(description.plugin, "library");
  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_EQ(plugin->handlers.at(0).hooks.frame, nullptr);
}

}  // namespace asyncd
