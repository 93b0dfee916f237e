// What a command of memcached's text protocol looks like. Pure functions; the views point into the
// line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kv {

enum class Verb {
  unknown,
  get,
  gets,
  set,
  add,
  replace,
  append,
  prepend,
  cas,
  remove,
  increment,
  decrement,
  touch,
  flush_all,
  stats,
  version,
  verbosity,
  quit
};

inline constexpr std::size_t longest_key = 250;
// A line that is longer is of no command, unless it asks for many keys.
inline constexpr std::size_t longest_line = 2048;
inline constexpr std::size_t longest_get = 64 * 1024;

struct Command {
  Verb verb = Verb::unknown;
  std::string_view key;  // get, gets: all of them
  std::uint32_t flags = 0;
  std::int64_t expiry = 0;   // touch and those that store; flush_all: the delay
  std::uint64_t bytes = 0;   // of data, after the line
  std::uint64_t number = 0;  // cas: the item's; increment and decrement: by how much
  bool noreply = false;
  std::string_view mistake;  // in the protocol's words; nothing where the command is right
};

// A line without its end.
Command parse_command(std::string_view line);

// set, add, replace, append, prepend and cas.
constexpr bool has_data(const Command& command) {
  return command.verb >= Verb::set && command.verb <= Verb::cas && command.mistake.empty();
}

// Takes the first word from the text.
std::string_view take_word(std::string_view& text);

// Where the line ends in the bytes: what is in it, and how long it is with its end; 0: it has not
// ended yet.
struct Line {
  std::string_view text;
  std::size_t total = 0;
};
Line find_line(std::string_view bytes);

}  // namespace kv
