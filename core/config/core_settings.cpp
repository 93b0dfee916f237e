#include "core/config/core_settings.h"

#include <vector>

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

// Without a bound above, it may be unlimited.
Setting number(SettingType type, std::int64_t least, std::int64_t most) {
  return {.type = type, .least = least, .most = most, .may_be_unlimited = most == unlimited_value};
}
Setting bytes(std::int64_t least, std::int64_t most = unlimited_value) {
  return number(SettingType::size, least, most);
}
Setting count(std::int64_t least, std::int64_t most = unlimited_value) {
  return number(SettingType::count, least, most);
}

Setting up_to_an_hour() { return number(SettingType::duration, millisecond, hour); }
// A time that may be unlimited has a year as the most that can be written as a number.
Setting time_or_unlimited(std::int64_t least = millisecond) {
  Setting setting = number(SettingType::duration, least, year);
  setting.may_be_unlimited = true;
  return setting;
}

// Bytes a second that are asked of a client.
Setting rate() {
  Setting setting = bytes(1, gibibyte);
  setting.may_be_off = true;
  return setting;
}

// Half of what there is, in whole MiB; unlimited where the system does not tell.
void take_half_of_memory(Setting& setting) {
  const MachineMemory memory = machine_memory();
  const std::uint64_t half = memory.bytes / 2 / mebibyte * mebibyte;
  if (half != 0) setting.fallback = text::format_size(half);
  setting.varies = half != 0 ? "half of what the " + memory.source + " has"
                             : "of the machine, which does not tell";
}

Entry<&CoreConfig::memory> memory() {
  return with(
      row<&CoreConfig::memory>(
          "memory", bytes(mebibyte),
          "of the whole process: what all connections may hold together; unless set, half of what "
          "machine or control group allow"),
      take_half_of_memory);
}

Table<LogConfig> log_table() {
  return table<LogConfig>(
      row<&LogConfig::level>("level", "the least important lines that are logged"),
      row<&LogConfig::format>("format", "a line of text or a JSON object for each event"),
      row<&LogConfig::file>(
          "file", "where the log goes; empty: standard error; opened again after the signal USR1"));
}

Table<Limits> limit_table() {
  return table<Limits>(
      row<&Limits::max_connections>(
          "max_connections", count(1, 10'000'000),
          "connections at a time; fewer where the limit of open files is lower"),
      row<&Limits::max_connections_per_ip>(
          "max_connections_per_ip", count(1),
          "connections of one address (IPv6: one /64) at a time; more are refused"),
      row<&Limits::overload>("overload",
                             "with max_connections open, or all threads of the backend busy: "
                             "clients wait (backlog), or are refused (shed)"),
      row<&Limits::messages_per_connection>("messages_per_connection", count(1),
                                            "after so many the connection is closed gracefully"),
      row<&Limits::max_in_flight>(
          "max_in_flight", count(1, 1024),
          "messages of a connection that a handler which waits may work on at once"),
      row<&Limits::max_message>("max_message", bytes(1, gibibyte),
                                "a longer message is refused, and its connection closed"),
      row<&Limits::max_reply>("max_reply", bytes(1, gibibyte),
                              "a longer reply is refused to the handler"),
      row<&Limits::output_high_water>(
          "output_high_water", bytes(kibibyte, gibibyte),
          "with so much or more waiting to be sent, the next message waits"),
      row<&Limits::output_low_water>(
          "output_low_water", bytes(0, gibibyte),
          "with so much or less waiting to be sent, messages are taken again"),
      begins_anew(row<&Limits::input_buffer>("input_buffer", bytes(kibibyte, mebibyte),
                                             "the most that is read at once")),
      row<&Limits::first_byte_timeout>("first_byte_timeout", time_or_unlimited(),
                                       "from the start of a connection to its first byte"),
      row<&Limits::idle_timeout>("idle_timeout", time_or_unlimited(),
                                 "between one message and the next"),
      row<&Limits::message_timeout>(
          "message_timeout", time_or_unlimited(),
          "from a message's first byte to its last, however they trickle"),
      row<&Limits::call_timeout>("call_timeout", time_or_unlimited(),
                                 "for a handler that waits to answer one message"),
      row<&Limits::write_timeout>(
          "write_timeout", time_or_unlimited(),
          "without the client taking a byte of what it is sent, as far as its system tells"),
      row<&Limits::linger_timeout>("linger_timeout", up_to_an_hour(),
                                   "from the end of output to the client's end, in all"),
      row<&Limits::min_send_rate>(
          "min_send_rate", rate(),
          "bytes a second that a client takes at least while replies wait for it; slower: cut off"),
      row<&Limits::min_receive_rate>(
          "min_receive_rate", rate(),
          "bytes a second of an unfinished message that a client sends at least"),
      row<&Limits::linger_idle_timeout>("linger_idle_timeout", up_to_an_hour(),
                                        "from the end of output, without a byte from the client"),
      row<&Limits::handler_blocks>(
          "handler_blocks", time_or_unlimited(),
          "the log tells of a handler that does not return for so long, or for ten times as long "
          "where it has a thread to itself"));
}

// A setting that a listener has with one framing only.
template <auto member>
Entry<member> with_framing(FramingKind kind, Entry<member> entry) {
  return with(std::move(entry), [kind](Setting& setting) { setting.framing = name_of(kind); });
}

Table<Framing> framing_table() {
  return table<Framing>(
      row<&Framing::kind>("framing", "how bytes are cut into messages"),
      with_framing(FramingKind::fixed,
                   row<&Framing::message_size>("message_size", bytes(1, gibibyte),
                                               "framing fixed: bytes of each message")),
      with_framing(FramingKind::length,
                   row<&Framing::prefix_size>(
                       "prefix_size", count(1, 8),
                       "framing length: bytes of the length before each message: 1, 2, 4 or 8")),
      with_framing(FramingKind::length,
                   row<&Framing::prefix_order>("prefix_order",
                                               "framing length: the order of the prefix's bytes")));
}

// The limits of a listener. The process has one memory, whichever listener uses it.
Table<Limits> own_limits() {
  Table<Limits> limits;
  limits.append(*find_setting(core_table().settings, "memory"), [](Limits&, const Value&) {});
  limits.append(limit_table());
  return limits;
}

// Sections of consecutive rows.
std::vector<Section> by_sections(SettingTable table) {
  std::vector<Section> sections;
  for (const Setting& setting : table) {
    if (sections.empty() || sections.back().name != setting.section)
      sections.push_back({setting.section, {&setting, 0}});
    SettingTable& rows = sections.back().settings;
    rows = {rows.data(), rows.size() + 1};
  }
  return sections;
}

}  // namespace

const std::string_view handler_path_doc = "folders that are searched for handlers";

const Table<CoreConfig>& core_table() {
  static const auto made = table<CoreConfig>(
      in("log", part<&CoreConfig::log>(log_table())), in("limits", memory()),
      in("limits", part<&CoreConfig::limits>(limit_table())),
      in("offload", row<&CoreConfig::offload_threads>(
                        "threads", count(1, 1024),
                        "for work that handlers hand over because it takes its time")),
      in("shutdown",
         row<&CoreConfig::shutdown_timeout>(
             "timeout", time_or_unlimited(0),
             "connections that are still busy after so long are cut; a systemd service also has "
             "TimeoutStopSec=45s")),
      in("security",
         row<&CoreConfig::trust>(
             "trust",
             "who may write to handlers and configuration: only root and asyncd's user, or "
             "any user, which is for development")),
      in("security", row<&CoreConfig::try_libraries>(
                         "try_libraries",
                         "whether a library is loaded in a process of its own before asyncd loads "
                         "it for the first time: see docs/operating.md")));
  return made;
}

const Table<HandlerSettings>& handler_table() {
  Setting library{.plain = true, .expects = "the path of a library in quotes"};
  Setting digest{.expects = "64 hexadecimal digits in quotes"};
  static const auto made = table<HandlerSettings>(
      row<&HandlerSettings::library>("library", library, "where the name is not found by itself"),
      row<&HandlerSettings::sha256>(
          "sha256", digest,
          "of the library, as sha256sum prints them: only this very file is loaded"));
  return made;
}

Table<ListenerSettings> listener_table(const Schema& schema) {
  std::vector<std::string_view> names;
  for (const BackendSchema& backend : schema.backends) names.push_back(backend.name);
  const auto choose_backend = [&](Setting& setting) {
    setting.type = SettingType::choice;
    setting.choices = text::join(names, "|");
    setting.fallback = schema.default_backend;
  };
  return table<ListenerSettings>(
      begins_anew(in("listener", row<&ListenerSettings::name>(
                                     "name", "how the log and -o listener.NAME call it"))),
      begins_anew(
          in("listener", row<&ListenerSettings::address>(
                             "address",
                             "host:port; [::]:port or :port for all addresses; of a name, "
                             "all its addresses; port 0 is any free one; unix:/path is a "
                             "socket file; unix:@name, on Linux, a socket without a file"))),
      with(begins_anew(
               in("listener", row<&ListenerSettings::backend>(
                                  "backend", "how the I/O is done; 'asyncd backends' lists them"))),
           choose_backend),
      in("listener",
         row<&ListenerSettings::handler>(
             "handler",
             "what is served: a handler's name ('asyncd handlers' lists them), or the path of its "
             "library")),
      in("listener", part<&ListenerSettings::framing>(framing_table())),
      in("limits", part<&ListenerSettings::limits>(own_limits())));
}

std::vector<Setting> all_settings(const Schema& schema) {
  std::vector<Setting> all = core_table().settings;
  for (const Setting& setting : listener_table(schema).settings)
    if (setting.section == "listener") all.push_back(setting);
  for (const BackendSchema& backend : schema.backends)
    for (Setting setting : backend.options) {
      setting.section = "backend." + std::string(backend.name);
      all.push_back(std::move(setting));
    }
  return all;
}

std::span<const Section> core_sections() {
  static const std::vector<Section> sections = by_sections(core_table().settings);
  return sections;
}

}  // namespace asyncd
