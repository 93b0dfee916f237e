// Replies in parts on a thread that may block, for a client who takes nothing: how much of them is
// kept.
#include <gtest/gtest.h>

#include <string>

#include "core/accept/connection_info.h"
#include "core/operations/inline_operations.h"
#include "core/session/session.h"

using namespace asyncd;

namespace {

constexpr std::size_t part_size = 300;
constexpr int parts = 20;

struct Handler {
  int timed_out = 0;
  bool kept_window = true;
};

// Sends part after part, and goes on where one takes too long: then that one is in its window
// still.
std::int32_t on_message(void* self, asyncd_call* call) {
  auto& handler = *static_cast<Handler*>(self);
  for (int i = 0; i < parts; ++i) {
    const std::string text(part_size, static_cast<char>('a' + i));
    if (call->reply_size == 0) (void)asyncd_reply_append(call, text.data(), text.size());
    const std::string before(call->window, call->reply_size);
    asyncd_op op{};
    op.size = sizeof op;
    op.kind = ASYNCD_OP_FLUSH;
    op.timeout = 1'000'000;
    (void)call->host->host_submit(call, &op);
    if (op.result == ASYNCD_OK) continue;
    ++handler.timed_out;
    const std::string after(call->window, call->reply_size);
    handler.kept_window = handler.kept_window && (after == before || after.empty());
  }
  return ASYNCD_REPLY;
}

struct NobodyTakes final : OutputSender {
  CloseReason send_output(void*) override { return CloseReason::none; }
};

TEST(InlineFlush, PartsThatNobodyTakesAreNotKeptBeyondTheBound) {
  Handler handler;
  asyncd_handler hooks{};
  hooks.size = sizeof hooks;
  hooks.flags = ASYNCD_ASYNC;
  hooks.name = "parts";
  hooks.message = on_message;
  asyncd_host host{};
  host.size = sizeof host;
  host.abi_minor = ASYNCD_ABI_MINOR;
  host.host_reply_reserve = session_reply_reserve;
  host.host_submit = session_submit;
  Service service;
  service.handler_name = "parts";
  service.hooks = &hooks;
  service.self = &handler;
  service.host = &host;
  service.limits.output_high_water = 1000;
  service.limits.output_low_water = 100;
  service.framer = make_framer({}, service.limits.max_message, hooks, &handler);

  const StopFlag stop_flag;
  NobodyTakes sender;
  CompletionHandles completions;
  InlineOperations operations(completions, stop_flag, sender);
  BufferPool memory;
  const ConnectionInfo no_client;
  Session session(service, memory, nullptr, no_client, Clock::now(), {&operations, nullptr});
  session.on_bytes("go\n");
  session.run(Clock::now());
  EXPECT_EQ(handler.timed_out, parts);
  EXPECT_TRUE(handler.kept_window);
  EXPECT_LE(session.unsent(), service.limits.output_high_water + 2 * part_size + 1);
  EXPECT_EQ(session.reason(), CloseReason::none);
}

}  // namespace
