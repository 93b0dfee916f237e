// The limits: all from the table, each reaching its field.
#include "core/system/machine_memory.h"
#include "support.h"

using namespace std::chrono_literals;

namespace asyncd {
namespace {

using ConfigLimits = ConfigTest;

void expect_equal(const Limits& left, const Limits& right) {
  EXPECT_EQ(left.max_connections, right.max_connections);
  EXPECT_EQ(left.messages_per_connection, right.messages_per_connection);
  EXPECT_EQ(left.max_message, right.max_message);
  EXPECT_EQ(left.max_reply, right.max_reply);
  EXPECT_EQ(left.output_high_water, right.output_high_water);
  EXPECT_EQ(left.output_low_water, right.output_low_water);
  EXPECT_EQ(left.input_buffer, right.input_buffer);
  EXPECT_EQ(left.first_byte_timeout, right.first_byte_timeout);
  EXPECT_EQ(left.idle_timeout, right.idle_timeout);
  EXPECT_EQ(left.message_timeout, right.message_timeout);
  EXPECT_EQ(left.write_timeout, right.write_timeout);
  EXPECT_EQ(left.linger_timeout, right.linger_timeout);
  EXPECT_EQ(left.linger_idle_timeout, right.linger_idle_timeout);
  EXPECT_EQ(left.handler_blocks, right.handler_blocks);
  EXPECT_EQ(left.min_send_rate, right.min_send_rate);
  EXPECT_EQ(left.min_receive_rate, right.min_receive_rate);
}

TEST_F(ConfigLimits, TheTableAndTheStructHaveTheSameDefaults) {
  expect_equal(loaded(complete_listener).config.listeners[0].limits, Limits{});
}

const std::string all_limits = R"(
max_connections = 7
messages_per_connection = "2k"
max_message = "2KiB"
max_reply = 4096
output_high_water = "3MiB"
output_low_water = 0
input_buffer = "1KiB"
first_byte_timeout = "1s"
idle_timeout = "2m"
message_timeout = "3h"
write_timeout = "unlimited"
linger_timeout = "5ms"
linger_idle_timeout = "6s"
handler_blocks = "7s"
min_send_rate = "2KiB"
min_receive_rate = 100
)";

Limits all_limits_as_struct() {
  return {.max_connections = 7,
          .messages_per_connection = 2000,
          .max_message = 2048,
          .max_reply = 4096,
          .output_high_water = 3U << 20U,
          .output_low_water = 0,
          .input_buffer = 1024,
          .first_byte_timeout = 1s,
          .idle_timeout = 2min,
          .message_timeout = 3h,
          .write_timeout = unlimited_time,
          .linger_timeout = 5ms,
          .linger_idle_timeout = 6s,
          .handler_blocks = 7s,
          .min_send_rate = 2048,
          .min_receive_rate = 100};
}

TEST_F(ConfigLimits, EveryKeyReachesItsField) {
  expect_equal(loaded(complete_listener + "[limits]" + all_limits).config.listeners[0].limits,
               all_limits_as_struct());
}

TEST_F(ConfigLimits, AListenerOverridesEachForItself) {
  const Config config =
      loaded(complete_listener + all_limits +
             "[[listener]]\nhandler = \"echo\"\naddress = \":1\"\nidle_timeout = \"9s\"\n"
             "[limits]\nmax_message = \"5KiB\"\nidle_timeout = \"8s\"\n")
          .config;
  expect_equal(config.listeners[0].limits, all_limits_as_struct());
  Limits second;
  second.max_message = 5120;
  second.idle_timeout = 9s;
  expect_equal(config.listeners[1].limits, second);
}

TEST_F(ConfigLimits, UnlimitedIsSpelled) {
  const Limits limits =
      loaded("[limits]\nmessages_per_connection = \"unlimited\"\nidle_timeout = \"unlimited\"\n" +
             complete_listener)
          .config.listeners[0]
          .limits;
  EXPECT_EQ(limits.messages_per_connection, unlimited_count);
  EXPECT_EQ(limits.idle_timeout, unlimited_time);
}

TEST_F(ConfigLimits, ARateIsOffUnlessItIsSet) {
  EXPECT_EQ(loaded("[limits]\nmin_send_rate = \"off\"\n" + complete_listener)
                .config.listeners[0]
                .limits.min_send_rate,
            0u);
  EXPECT_EQ(
      mistakes("[limits]\nmin_send_rate = 0\n" + complete_listener),
      "asyncd.toml:2:17: min_send_rate: 0 is not allowed: at least 1B; for none write \"off\"\n"
      "    2 | min_send_rate = 0\n"
      "      |                 ^");
  EXPECT_EQ(mistakes("[limits]\nmax_message = \"off\"\n" + complete_listener),
            "asyncd.toml:2:15: max_message: expected a size such as 65536, \"64KiB\" or \"1MiB\", "
            "not 'off'\n"
            "    2 | max_message = \"off\"\n"
            "      |               ^~~~~");
}

TEST_F(ConfigLimits, TheLowWaterMarkIsBelowTheHighOne) {
  EXPECT_EQ(
      mistakes("[limits]\noutput_low_water = \"256KiB\"\n" + complete_listener),
      "asyncd.toml:2:20: output_low_water (256KiB) must be less than output_high_water (256KiB)\n"
      "    2 | output_low_water = \"256KiB\"\n"
      "      |                    ^~~~~~~~");
  EXPECT_EQ(
      mistakes(complete_listener + "output_high_water = \"32KiB\"\n"),
      "asyncd.toml:3:21: output_low_water (64KiB) must be less than output_high_water (32KiB)\n"
      "    3 | output_high_water = \"32KiB\"\n"
      "      |                     ^~~~~~~");
}

TEST_F(ConfigLimits, AnAddressMayHaveALimitOfItsOwn) {
  EXPECT_EQ(loaded(complete_listener).config.listeners[0].limits.max_connections_per_ip,
            unlimited_count);
  const Loaded limited = loaded(complete_listener + "max_connections_per_ip = 5\n");
  EXPECT_EQ(limited.config.listeners[0].limits.max_connections_per_ip, 5u);
}

TEST_F(ConfigLimits, AnOverloadIsShedOnlyWhereThatIsAskedFor) {
  const std::string all_shed = "[limits]\noverload = \"shed\"\n";
  EXPECT_EQ(loaded(complete_listener).config.listeners[0].limits.overload, Overload::backlog);
  EXPECT_EQ(loaded(complete_listener + all_shed).config.listeners[0].limits.overload,
            Overload::shed);
  const Loaded but_one = loaded(complete_listener + "overload = \"backlog\"\n" + all_shed);
  EXPECT_EQ(but_one.config.listeners[0].limits.overload, Overload::backlog);
}

TEST_F(ConfigLimits, WhoAskedForConnectionsIsRemembered) {
  EXPECT_FALSE(loaded(complete_listener).config.listeners[0].max_connections_origin.has_value());
  const Loaded asked = loaded(complete_listener + "max_connections = 5\n");
  ASSERT_TRUE(asked.config.listeners[0].max_connections_origin.has_value());
  EXPECT_EQ(asked.config.listeners[0].max_connections_origin->where, "asyncd.toml:3:19");
}

TEST_F(ConfigLimits, TheMemoryIsOfTheWholeProcess) {
  EXPECT_EQ(loaded(complete_listener + "[limits]\nmemory = \"3GiB\"\n").config.memory,
            std::uint64_t{3} << 30);
  EXPECT_EQ(loaded(complete_listener + "[limits]\nmemory = \"unlimited\"\n").config.memory,
            unlimited_count);
  EXPECT_EQ(
      mistakes(complete_listener + "memory = \"3GiB\"\n"),
      "asyncd.toml:3:1: memory is of the whole process, not of a listener: set it in [limits]\n"
      "    3 | memory = \"3GiB\"\n"
      "      | ^~~~~~");
  EXPECT_EQ(mistakes(complete_listener + "[limits]\nmemory = \"1KiB\"\n"),
            "asyncd.toml:4:10: memory: 1KiB is too little: at least 1MiB; for no limit write "
            "\"unlimited\"\n"
            "    4 | memory = \"1KiB\"\n"
            "      |          ^~~~~~");
}

TEST_F(ConfigLimits, TheMemoryIsHalfOfTheMachineUnlessItIsSet) {
  const std::uint64_t machine = machine_memory().bytes;
  if (machine == 0) GTEST_SKIP() << "this system does not tell how much memory there is";
  const std::uint64_t memory = loaded(complete_listener).config.memory;
  EXPECT_LE(memory, machine / 2);
  EXPECT_GT(memory, machine / 2 - (2U << 20U));
}

TEST_F(ConfigLimits, WhatCouldNeverBeHeldIsWarnedOf) {
  EXPECT_TRUE(loaded(complete_listener + "[limits]\nmemory = \"8MiB\"\n").warnings.empty());
  const Loaded large =
      loaded(complete_listener + "max_message = \"5MiB\"\n[limits]\nmemory = \"8MiB\"\n");
  ASSERT_EQ(large.warnings.size(), 1U);
  EXPECT_EQ(large.warnings[0],
            "listener 'main': max_message (5MiB) is more than half of limits.memory (8MiB), so "
            "what is as long closes "
            "its connection");
}

TEST(MachineMemory, TheLowestBoundCounts) {
  MachineMemory memory;
  memory.lower(0, "nothing");
  memory.lower(1000, "machine");
  memory.lower(2000, "cgroup");
  EXPECT_EQ(memory.source, "machine");
  memory.lower(0, "nothing");
  memory.lower(500, "cgroup");
  EXPECT_EQ(memory.bytes, 500U);
  EXPECT_EQ(memory.source, "cgroup");
}

TEST_F(ConfigLimits, ShutdownMayBeAtOnceOrNever) {
  EXPECT_EQ(loaded(complete_listener).config.shutdown_timeout, 30s);
  EXPECT_EQ(loaded(complete_listener + "[shutdown]\ntimeout = \"0s\"\n").config.shutdown_timeout,
            0s);
  EXPECT_EQ(
      loaded(complete_listener + "[shutdown]\ntimeout = \"unlimited\"\n").config.shutdown_timeout,
      unlimited_time);
}

}  // namespace
}  // namespace asyncd
