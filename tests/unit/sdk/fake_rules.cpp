// What the fake host finds in handlers that break the rules of operations.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include "modes.h"

namespace {

using asyncd::fake_host;
using asyncd::fake_mode;

struct Misdeed {
  const char* name;
  std::int32_t (*message)(void* self, asyncd_call* call);
  const char* told;
};
void PrintTo(const Misdeed& misdeed, std::ostream* stream) { *stream << misdeed.name; }

// One call at a time, so one of each will do.
asyncd_op op;

// Its context is the call.
using Done = void (*)(void* context, asyncd_op* op);

template <std::int32_t outcome>
void finish(void* context, asyncd_op*) {
  auto* const call = static_cast<asyncd_call*>(context);
  call->host->host_finish(call, outcome);
}

std::int32_t begin(asyncd_call* call, std::uint32_t kind, Done done = finish<ASYNCD_REPLY>) {
  op = {};
  op.size = sizeof op;
  op.kind = kind;
  op.timeout = 1000;
  op.done = done;
  op.context = call;
  return call->host->host_submit(call, &op);
}

const Misdeed misdeeds[] = {
    {"PendingWithoutAnOperation",
     [](void*, asyncd_call*) -> std::int32_t { return ASYNCD_PENDING; },
     "the call is pending without an operation under way"},
    {"EndsWithAnOperationUnderWay",
     [](void*, asyncd_call* call) -> std::int32_t {
       begin(call, ASYNCD_OP_SLEEP);
       return ASYNCD_REPLY;
     },
     "the call has ended with an operation under way"},
    {"OneOperationTwice",
     [](void*, asyncd_call* call) -> std::int32_t {
       const std::int32_t first = begin(call, ASYNCD_OP_SLEEP);
       (void)call->host->host_submit(call, &op);
       return first;
     },
     "host_submit: the operation is under way already"},
    {"ChangesAnOperation",
     [](void*, asyncd_call* call) -> std::int32_t {
       const std::int32_t first = begin(call, ASYNCD_OP_SLEEP);
       op.timeout = 1;
       return first;
     },
     "an operation was changed while it was under way"},
    {"WritesToTheHostsWords",
     [](void*, asyncd_call* call) -> std::int32_t {
       const std::int32_t first = begin(call, ASYNCD_OP_SLEEP);
       op.host_words[5] = 0;
       return first;
     },
     "an operation was changed while it was under way"},
    {"FinishesTwice",
     [](void*, asyncd_call* call) -> std::int32_t {
       return begin(call, ASYNCD_OP_SLEEP, [](void* context, asyncd_op* ended) {
         finish<ASYNCD_REPLY>(context, ended);
         finish<ASYNCD_REPLY>(context, ended);
       });
     },
     "host_finish on a call that has ended"},
    {"FinishesInTheMessageHook",
     [](void*, asyncd_call* call) -> std::int32_t {
       call->host->host_finish(call, ASYNCD_REPLY);
       return ASYNCD_REPLY;
     },
     "host_finish in the message hook"},
    {"KeepsMemory",
     [](void*, asyncd_call* call) -> std::int32_t {
       (void)call->host->host_allocate(call, 100);
       return ASYNCD_REPLY;
     },
     "1 pieces of the call's memory have not been released"},
    {"ReleasesAnotherSize",
     [](void*, asyncd_call* call) -> std::int32_t {
       call->host->host_release(call, call->host->host_allocate(call, 100), 99);
       return ASYNCD_REPLY;
     },
     "host_release: 99 bytes, but 100 were allocated"},
    {"ReleasesWhatIsNotItsOwn",
     [](void*, asyncd_call* call) -> std::int32_t {
       call->host->host_release(call, &op, 1);
       return ASYNCD_REPLY;
     },
     "host_release: this memory is not the call's"},
    {"UnknownKind",
     [](void*, asyncd_call* call) -> std::int32_t {
       begin(call, 9);
       return ASYNCD_REPLY;
     },
     "host_submit: an operation of an unknown kind"},
    {"ReadsFromNothing",
     [](void*, asyncd_call* call) -> std::int32_t { return begin(call, ASYNCD_OP_READ); },
     "host_submit: the stream is not open, or not the call's"},
    {"ExternalWithoutATicket",
     [](void*, asyncd_call* call) -> std::int32_t { return begin(call, ASYNCD_OP_EXTERNAL); },
     "host_submit: an external operation needs an unused ticket of its call"},
    {"OnAnotherThread",
     [](void*, asyncd_call* call) -> std::int32_t {
       std::thread([call] { (void)call->host->host_reply_reserve(call, 1); }).join();
       return ASYNCD_REPLY;
     },
     "host_reply_reserve on another thread than the hooks'"},
    {"UnknownFlags",
     [](void*, asyncd_call* call) -> std::int32_t {
       call->flags = 6;
       return ASYNCD_REPLY;
     },
     "it has set unknown flags: 6"},
    {"EndsAsPending",
     [](void*, asyncd_call* call) -> std::int32_t {
       return begin(call, ASYNCD_OP_SLEEP, finish<ASYNCD_PENDING>);
     },
     "a call cannot end with 3"},
};

class FakeHostRules : public testing::TestWithParam<Misdeed> {};
INSTANTIATE_TEST_SUITE_P(Misdeeds, FakeHostRules, testing::ValuesIn(misdeeds),
                         [](const auto& row) { return std::string(row.param.name); });

asyncd_handler handler_with(std::int32_t (*message)(void*, asyncd_call*)) {
  asyncd_handler handler{};
  handler.size = sizeof handler;
  handler.flags = ASYNCD_ASYNC;
  handler.name = "misbehaving";
  handler.message = message;
  return handler;
}

TEST_P(FakeHostRules, ABreachIsTold) {
  const asyncd_handler handler = handler_with(GetParam().message);
  fake_host host(handler, {}, fake_mode::deferred);
  try {
    host.send("x");
    ADD_FAILURE() << "nothing was told";
  } catch (const std::logic_error& told) {
    EXPECT_NE(std::string(told.what()).find(GetParam().told), std::string::npos) << told.what();
  }
  EXPECT_FALSE(host.breaches().empty());
}

TEST(FakeHostRule, WhatNobodyWasToldEndsTheProgram) {
  const asyncd_handler handler =
      handler_with([](void*, asyncd_call*) -> std::int32_t { return ASYNCD_PENDING; });
  EXPECT_DEATH(
      {
        fake_host host(handler, {}, fake_mode::deferred);
        host.begin("x");
      },
      "pending without an operation");
}

TEST(FakeHostRule, WhatIsRightIsNotTold) {
  const asyncd_handler handler = handler_with(
      [](void*, asyncd_call* call) -> std::int32_t { return begin(call, ASYNCD_OP_SLEEP); });
  for (const fake_mode mode : {fake_mode::immediate, fake_mode::deferred}) {
    fake_host host(handler, {}, mode);
    EXPECT_EQ(host.send("x"), asyncd::fake_reply(""));
  }
}

TEST(FakeHostRule, ACancelledCallIsTold) {
  static int cancelled;
  cancelled = 0;
  asyncd_handler handler = handler_with(
      [](void*, asyncd_call* call) -> std::int32_t { return begin(call, ASYNCD_OP_SLEEP); });
  handler.cancel = [](void*, asyncd_call*) { ++cancelled; };
  fake_host host(handler, {}, fake_mode::deferred);
  host.cancel_at(1);
  host.send("x");
  EXPECT_EQ(op.result, ASYNCD_CANCELLED);
  EXPECT_EQ(cancelled, 1);
}

}  // namespace
