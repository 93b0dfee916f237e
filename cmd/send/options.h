// The command line of `asyncd send`, read into plain values. Reads nothing but its arguments and
// prints nothing. Used once, at start.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cmd/cli/options.h"

namespace asyncd::send {

enum class ProgressKind : std::uint8_t { automatic, plain, none };

struct SendOptions {
  bool help = false;
  std::vector<std::string> addresses;  // at least one
  Sources sources;                     // for the framing; all but the environment
  std::vector<std::string> data;       // messages
  std::optional<std::string> file;     // with neither: standard input
  Duration timeout = std::chrono::seconds(10);
  ProgressKind progress = ProgressKind::automatic;
};

Result<SendOptions> parse_send_options(std::span<const char* const> arguments);

// What `asyncd send --help` prints.
std::string send_help();

}  // namespace asyncd::send
