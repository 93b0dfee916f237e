#include "cmd/send/options.h"

#include <array>

#include "cmd/cli/command_line.h"
#include "core/net/address.h"
#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd::send {

namespace {

constexpr std::size_t most_addresses = 64;

constexpr std::array<Flag, 9> flag_table{{
    {0, "data", "TEXT", "a message; may be repeated. Without it, standard input is sent"},
    {'f', "file", "FILE", "send this file; each server takes it at its own pace"},
    {0, "framing", "KIND", "line (the default), raw, fixed, length or handler"},
    {'o', "", "KEY=VALUE", "any setting of a listener's framing; may be repeated"},
    {0, "config", "FILE", "take the framing from this configuration file"},
    {0, "timeout", "TIME", "give a server up on which nothing moves for so long (10s)"},
    {0, "progress", "KIND", "auto, plain or none, on standard error"},
    {'q', "quiet", "", "the same as --progress=none"},
    {'h', "help", "", "this text"},
}};

constexpr std::string_view example_lines = R"(Examples:
  asyncd send 127.0.0.1:8080 --data=12                   one message; prints the reply
  asyncd send 127.0.0.1:8080 127.0.0.1:8081 < words.txt  each line to both servers at once
  asyncd send 127.0.0.1:8080 --file=big.txt > replies    with the progress on the terminal
)";

const Grammar& grammar() {
  static const Grammar result{"asyncd send", flag_table, {}, most_addresses};
  return result;
}

Result<void> take_addresses(const CommandLine& line, SendOptions& options) {
  options.addresses = line.words();
  if (options.addresses.empty())
    return line.usage_error("send needs a server: host:port or unix:/path");
  for (const std::string& text : options.addresses) {
    const Result<Address> address = parse_address(text);
    if (!address) return line.usage_error(address.error().message);
    if (address->kind == Address::Kind::tcp && address->port == 0)
      return line.usage_error("'" + shown_argument(text) +
                              "': port 0 is no server's; name the one that it listens on");
  }
  return {};
}

Result<void> take_input(const CommandLine& line, SendOptions& options) {
  options.data = line.values("data");
  options.file = line.last_value("file");
  if (options.file && !options.data.empty())
    return line.usage_error("--file and --data exclude each other");
  return {};
}

Result<void> take_manner(const CommandLine& line, SendOptions& options) {
  if (const auto text = line.last_value("timeout")) {
    const std::optional<Duration> timeout = text::parse_duration(*text);
    if (!timeout || *timeout == Duration::zero())
      return line.usage_error("--timeout is a time such as 10s or 500ms, not '" +
                              shown_argument(*text) + "'");
    options.timeout = *timeout;
  }
  const std::string kind =
      line.has("quiet") ? "none" : line.last_value("progress").value_or("auto");
  if (kind != "auto" && kind != "plain" && kind != "none")
    return line.usage_error("--progress is auto, plain or none, not '" + shown_argument(kind) +
                            "'");
  options.progress = kind == "plain" ? ProgressKind::plain : ProgressKind::none;
  if (kind == "auto") options.progress = ProgressKind::automatic;
  return {};
}

void take_sources(const CommandLine& line, Sources& sources) {
  sources.config_file = line.last_value("config");
  sources.find_config = false;  // the file that serves here says nothing about a server elsewhere
  sources.needs_handler = false;
  sources.assignments = line.values("o");
  sources.framing = line.last_value("framing");
}

}  // namespace

Result<SendOptions> parse_send_options(std::span<const char* const> arguments) {
  CommandLine line(grammar(), arguments);
  if (Result<void> parsed = line.parse(); !parsed) return parsed.error();
  SendOptions options;
  if (line.has("help")) {
    options.help = true;
    return options;
  }
  for (const auto take : {take_addresses, take_input, take_manner})
    if (Result<void> taken = take(line, options); !taken) return taken.error();
  take_sources(line, options.sources);
  return options;
}

std::string send_help() {
  return "Usage: asyncd send ADDRESS... [OPTION]...\nSend messages to one or several servers at "
         "once, and print what "
         "they reply.\n" +
         help_of(grammar()) + "\n" + std::string(example_lines);
}

}  // namespace asyncd::send
