// The tables of everything that does not depend on the build.
#include <array>
#include <vector>

#include "core/config/load.h"
#include "core/system/machine_memory.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

constexpr std::int64_t kibibyte = 1024;
constexpr std::int64_t mebibyte = 1024 * kibibyte;
constexpr std::int64_t gibibyte = 1024 * mebibyte;
constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t hour = 3'600'000 * millisecond;
constexpr std::int64_t year = 8760 * hour;

Setting word(std::string key, std::string fallback, std::string doc, Reload reload) {
  return {.key = std::move(key),
          .fallback = std::move(fallback),
          .doc = std::move(doc),
          .reload = reload,
          .plain = true};
}

Setting choice(std::string key, std::string choices, std::string fallback, std::string doc) {
  return {.key = std::move(key),
          .type = SettingType::choice,
          .fallback = std::move(fallback),
          .doc = std::move(doc),
          .choices = std::move(choices)};
}

Setting count(std::string key, std::string fallback, std::string doc, std::int64_t least,
              std::int64_t most) {
  return {.key = std::move(key),
          .type = SettingType::count,
          .fallback = std::move(fallback),
          .doc = std::move(doc),
          .least = least,
          .most = most,
          .may_be_unlimited = most == unlimited_value};
}

Setting size(std::string key, std::string fallback, std::string doc, std::int64_t least,
             std::int64_t most) {
  return {.key = std::move(key),
          .type = SettingType::size,
          .fallback = std::move(fallback),
          .doc = std::move(doc),
          .least = least,
          .most = most};
}

// Bytes a second that are asked of a client.
Setting rate(std::string key, std::string doc) {
  return {.key = std::move(key),
          .type = SettingType::size,
          .fallback = "off",
          .doc = std::move(doc),
          .least = 1,
          .most = gibibyte,
          .may_be_off = true};
}

Setting begins_anew(Setting setting) {
  setting.reload = Reload::listener;
  return setting;
}

// A time that may be unlimited has a year as the most that can be written as a number.
Setting time(std::string key, std::string fallback, std::string doc, std::int64_t least,
             bool may_be_unlimited) {
  return {.key = std::move(key),
          .type = SettingType::duration,
          .fallback = std::move(fallback),
          .doc = std::move(doc),
          .least = least,
          .most = may_be_unlimited ? year : hour,
          .may_be_unlimited = may_be_unlimited};
}

std::vector<Setting> log_settings() {
  return {choice("level", "trace|debug|info|warn|error", "info",
                 "the least important lines that are logged"),
          choice("format", "text|json", "text", "a line of text or a JSON object for each event"),
          word("file", "", "where the log goes; empty: standard error", Reload::live)};
}

// Half of what there is, in whole MiB; unlimited where the system does not tell.
Setting memory_setting() {
  const MachineMemory memory = machine_memory();
  const std::uint64_t half = memory.bytes / 2 / mebibyte * mebibyte;
  Setting setting =
      size("memory", half != 0 ? text::format_size(half) : "unlimited",
           "of the whole process: what all connections may hold together; unless set, half of what "
           "machine or control group allow",
           mebibyte, unlimited_value);
  setting.may_be_unlimited = true;
  setting.varies = half != 0 ? "half of what the " + memory.source + " has"
                             : "of the machine, which does not tell";
  return setting;
}

std::vector<Setting> limit_settings() {
  return {
      memory_setting(),
      count("max_connections", "10000",
            "connections at a time; fewer where the limit of open files is lower", 1, 10'000'000),
      count("max_connections_per_ip", "unlimited",
            "of one address at a time (IPv6: of one /64); more are told so", 1, unlimited_value),
      choice("overload", "backlog|shed", "backlog",
             "beyond max_connections or the backend's threads: let clients wait, or tell them so"),
      count("messages_per_connection", "unlimited",
            "after so many the connection is closed gracefully", 1, unlimited_value),
      count("max_in_flight", "1",
            "messages of a connection that a handler which waits may work on at once", 1, 1024),
      size("max_message", "1MiB", "a longer message is refused, and its connection closed", 1,
           gibibyte),
      size("max_reply", "4MiB", "a longer reply is refused to the handler", 1, gibibyte),
      size("output_high_water", "256KiB",
           "with so much or more waiting to be sent, the next message waits", kibibyte, gibibyte),
      size("output_low_water", "64KiB",
           "with so much or less waiting to be sent, messages are taken again", 0, gibibyte),
      begins_anew(
          size("input_buffer", "64KiB", "the most that is read at once", kibibyte, mebibyte)),
      time("first_byte_timeout", "10s", "from the start of a connection to its first byte",
           millisecond, true),
      time("idle_timeout", "60s", "between one message and the next", millisecond, true),
      time("message_timeout", "30s",
           "from a message's first byte to its last, however they trickle", millisecond, true),
      time("call_timeout", "60s", "for a handler that waits to answer one message", millisecond,
           true),
      time("write_timeout", "30s",
           "without the client taking a byte of what it is sent, as far as its system tells",
           millisecond, true),
      time("linger_timeout", "30s", "from the end of output to the client's end, in all",
           millisecond, false),
      rate(
          "min_send_rate",
          "bytes a second that a client takes at least while replies wait for it; slower: cut off"),
      rate("min_receive_rate",
           "bytes a second of an unfinished message that a client sends at least"),
      time("linger_idle_timeout", "5s", "from the end of output, without a byte from the client",
           millisecond, false),
      time("handler_blocks", "100ms",
           "a handler that does not return for so long, or ten times so where it has a thread to "
           "itself, is told of",
           millisecond, true),
  };
}

std::vector<Setting> offload_settings() {
  return {
      count("threads", "4", "for work that handlers hand over because it takes its time", 1, 1024)};
}

std::vector<Setting> shutdown_settings() {
  return {time("timeout", "30s", "connections that are still busy after so long are cut", 0, true)};
}

std::vector<Setting> security_settings() {
  return {
      choice(
          "trust", "owner|any", "owner",
          "who may write to handlers and configuration: only root and asyncd's user, or anybody"),
      {.key = "try_libraries",
       .type = SettingType::boolean,
       .fallback = "true",
       .doc = "whether a library is loaded in a process of its own before asyncd loads it for the "
              "first time"}};
}

std::vector<Setting> listener_settings() {
  return {
      word("name", "main", "how the log and -o listener.NAME call it", Reload::listener),
      word("address", "127.0.0.1:8080", "host:port, [::]:port, :port or unix:/path",
           Reload::listener),
      word("backend", "", "how the I/O is done; 'asyncd backends' lists them", Reload::listener),
      word("handler", "", "what is served: a handler's name, or the path of its library",
           Reload::live),
      choice("framing", "line|raw|fixed|length|handler", "line", "how bytes are cut into messages"),
      size("message_size", "", "framing fixed: bytes of each message", 1, gibibyte),
      count("prefix_size", "4",
            "framing length: bytes of the length before each message: 1, 2, 4 or 8", 1, 8),
      choice("prefix_order", "big|little", "big",
             "framing length: the order of the prefix's bytes"),
  };
}

}  // namespace

std::span<const Section> core_sections() {
  static const std::vector<Setting> log = log_settings();
  static const std::vector<Setting> limits = limit_settings();
  static const std::vector<Setting> offload = offload_settings();
  static const std::vector<Setting> shutdown = shutdown_settings();
  static const std::vector<Setting> security = security_settings();
  static const std::vector<Setting> listener = listener_settings();
  static const std::array<Section, 6> sections{{{"log", log},
                                                {"limits", limits},
                                                {"offload", offload},
                                                {"shutdown", shutdown},
                                                {"security", security},
                                                {"listener", listener}}};
  return sections;
}

}  // namespace asyncd
