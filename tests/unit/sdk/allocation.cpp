// A message through the SDK allocates nothing.
#include <gtest/gtest.h>

#include <array>
#include <new>
#include <string_view>

#include "count_allocations.h"
#include "sdk/asyncd.hpp"

namespace {

struct Talkative {
  void on_message(std::string_view message, asyncd::reply& reply) const {
    reply.append("you said ");
    if (char* to = reply.reserve(message.size())) reply.commit(message.copy(to, message.size()));
    if (message == "bad") reply.error("bad");
    if (message == "log") reply.log(asyncd::log_level::info, message);
  }
};

std::int32_t reserve_nothing(asyncd_call*, std::uint64_t) { return -1; }
void log_nowhere(asyncd_call*, std::int32_t, const char*, std::uint64_t) {}

TEST(SdkAllocation, NoneForAMessage) {
  const asyncd_host host = {sizeof host, ASYNCD_ABI_MINOR, reserve_nothing, log_nowhere,
                            nullptr,     nullptr,          nullptr};
  const asyncd_handler& handler = asyncd::handler_of<Talkative>;
  Talkative talkative;
  std::array<char, 256> window;
  for (const std::string_view message : {"good", "bad", "log"}) {
    asyncd_call call{};
    call.size = sizeof call;
    call.host = &host;
    call.message = message.data();
    call.message_size = message.size();
    call.window = window.data();
    call.window_size = window.size();
    const std::size_t before = count_allocations();
    const std::int32_t outcome = handler.message(&talkative, &call);
    const std::size_t after = count_allocations();
    EXPECT_EQ(after, before) << message;
    EXPECT_EQ(outcome, message == "bad" ? ASYNCD_ERROR : ASYNCD_REPLY);
  }
}

TEST(SdkAllocation, IsSeenWhereThereIsOne) {
  const std::size_t before = count_allocations();
  ::operator delete(::operator new(1));
  EXPECT_EQ(count_allocations(), before + 1);
}

}  // namespace
