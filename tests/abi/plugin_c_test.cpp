// A handler compiled as C serves a host compiled as C++; and the inline functions of asyncd.h at a
// reply's limit.
#include <gtest/gtest.h>

#include <string>

#include "sdk/fake_host.hpp"

namespace {

TEST(PluginInC, IsDescribedAndServes) {
  EXPECT_EQ(asyncd_plugin_v1.size, sizeof(asyncd_plugin));
  asyncd::fake_host host(asyncd_plugin_v1, {}, "hello");
  EXPECT_EQ(host.send("x"), asyncd::fake_reply("Hello World"));
}

asyncd_handler handler_with(std::int32_t (*message)(void*, asyncd_call*)) {
  asyncd_handler handler{};
  handler.size = sizeof handler;
  handler.name = "inline";
  handler.message = message;
  return handler;
}

TEST(InlineFunctions, AReplyOverTheLimitSaysSo) {
  const asyncd_handler echo = handler_with([](void*, asyncd_call* call) {
    return asyncd_reply_text(call, call->message, call->message_size);
  });
  asyncd::fake_host host(echo);
  host.limit_reply(300);
  EXPECT_EQ(host.send(std::string(300, 'x')), asyncd::fake_reply(std::string(300, 'x')));
  EXPECT_EQ(host.send(std::string(301, 'x')), asyncd::fake_error("reply too long"));
}

TEST(InlineFunctions, AnErrorOverTheLimitIsCutToTheWindow) {
  const asyncd_handler refuse = handler_with([](void*, asyncd_call* call) {
    return asyncd_error_text(call, call->message, call->message_size);
  });
  asyncd::fake_host host(refuse);
  host.limit_reply(300);
  EXPECT_EQ(host.send(std::string(300, 'x')), asyncd::fake_error(std::string(300, 'x')));
  EXPECT_EQ(host.send(std::string(301, 'x')), asyncd::fake_error(std::string(256, 'x')));
}

TEST(InlineFunctions, AFailedAppendLeavesTheReplyAsItWas) {
  const asyncd_handler append = handler_with([](void*, asyncd_call* call) -> std::int32_t {
    (void)asyncd_reply_append(call, "kept", 4);
    return asyncd_reply_append(call, call->message, call->message_size) == 0 ? ASYNCD_REPLY
                                                                             : ASYNCD_ERROR;
  });
  asyncd::fake_host host(append);
  host.limit_reply(300);
  EXPECT_EQ(host.send("!"), asyncd::fake_reply("kept!"));
  EXPECT_EQ(host.send(std::string(297, 'x')), asyncd::fake_error("kept"));
}

}  // namespace
