// One library with several handlers, exported by the macro.
#include <gtest/gtest.h>

#include <string>

#include "sdk/asyncd.hpp"
#include "sdk/fake_host.hpp"

namespace words {

struct PingPong {
  void on_message(std::string_view, asyncd::reply& reply) const { reply.append("pong"); }
};

struct HTTP2_Greeter {
  void on_message(std::string_view, asyncd::reply& reply) { reply.append("hi"); }
};

struct Named {
  static constexpr const char* name = "quite-another";
  static constexpr const char* summary = "Says nothing";
  static constexpr const char* version = "1.2.3";
  void on_message(std::string_view, asyncd::reply& reply) const { reply.no_reply(); }
};

}  // namespace words

using words::Named;
ASYNCD_EXPORT_HANDLERS(words::PingPong, words::HTTP2_Greeter, Named);

namespace {

TEST(SdkExport, DescribesTheLibrary) {
  EXPECT_EQ(asyncd_plugin_v1.size, sizeof(asyncd_plugin));
  EXPECT_EQ(asyncd_plugin_v1.abi_minor, std::uint32_t{ASYNCD_ABI_MINOR});
  ASSERT_EQ(asyncd_plugin_v1.handler_count, 3u);
  EXPECT_EQ(asyncd_plugin_v1.handlers[0]->size, sizeof(asyncd_handler));
}

TEST(SdkExport, NamesHandlersAfterTheirClasses) {
  EXPECT_STREQ(asyncd_plugin_v1.handlers[0]->name, "ping-pong");
  EXPECT_STREQ(asyncd_plugin_v1.handlers[1]->name, "http2-greeter");
}

TEST(SdkExport, TakesWhatTheClassSaysOfItself) {
  const asyncd_handler& named = *asyncd_plugin_v1.handlers[2];
  EXPECT_STREQ(named.name, "quite-another");
  EXPECT_STREQ(named.summary, "Says nothing");
  EXPECT_STREQ(named.version, "1.2.3");
  EXPECT_EQ(asyncd_plugin_v1.handlers[0]->summary, nullptr);
  EXPECT_EQ(asyncd_plugin_v1.handlers[0]->version, nullptr);
}

TEST(SdkExport, HandlersAreFoundByName) {
  asyncd::fake_host first(asyncd_plugin_v1);
  asyncd::fake_host greeter(asyncd_plugin_v1, {}, "http2-greeter");
  EXPECT_EQ(first.send(""), asyncd::fake_reply("pong"));
  EXPECT_EQ(greeter.send(""), asyncd::fake_reply("hi"));
  EXPECT_THROW(asyncd::fake_host(asyncd_plugin_v1, {}, "missing"), std::invalid_argument);
}

}  // namespace
