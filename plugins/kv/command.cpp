#include "kv/command.h"

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace kv {
namespace {

constexpr std::string_view bad_format = "CLIENT_ERROR bad command line format";
constexpr std::string_view no_such = "ERROR";

constexpr std::pair<std::string_view, Verb> verbs[] = {{"get", Verb::get},
                                                       {"gets", Verb::gets},
                                                       {"set", Verb::set},
                                                       {"add", Verb::add},
                                                       {"replace", Verb::replace},
                                                       {"append", Verb::append},
                                                       {"prepend", Verb::prepend},
                                                       {"cas", Verb::cas},
                                                       {"delete", Verb::remove},
                                                       {"incr", Verb::increment},
                                                       {"decr", Verb::decrement},
                                                       {"touch", Verb::touch},
                                                       {"flush_all", Verb::flush_all},
                                                       {"stats", Verb::stats},
                                                       {"version", Verb::version},
                                                       {"verbosity", Verb::verbosity},
                                                       {"quit", Verb::quit}};

// Words of a line after the verb; one more than any command has.
struct Words {
  std::array<std::string_view, 7> each;
  std::size_t count = 0;
};

Words words_of(std::string_view rest) {
  Words words;
  while (words.count < words.each.size()) {
    const std::string_view word = take_word(rest);
    if (word.empty()) break;
    words.each[words.count++] = word;
  }
  return words;
}

template <class Number>
bool read_number(std::string_view word, Number& number) {
  const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), number);
  return wrong == std::errc() && end == word.data() + word.size();
}

bool take_noreply(Words& words) {
  if (words.count == 0 || words.each[words.count - 1] != "noreply") return false;
  --words.count;
  return true;
}

std::string_view read_get(Command& command, std::string_view rest) {
  command.key = rest;
  if (take_word(rest).empty()) return no_such;
  for (std::string_view all = command.key, word; !(word = take_word(all)).empty();)
    if (word.size() > longest_key) return bad_format;
  return {};
}

// <key> <flags> <expiry> <bytes> [<cas>]
std::string_view read_storage(Command& command, const Words& words) {
  if (words.count != (command.verb == Verb::cas ? 5U : 4U)) return no_such;
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31;
  command.key = words.each[0];
  if (command.key.size() > longest_key || !read_number(words.each[1], command.flags) ||
      !read_number(words.each[2], command.expiry) || !read_number(words.each[3], command.bytes) ||
      command.bytes > most_bytes ||
      (command.verb == Verb::cas && !read_number(words.each[4], command.number)))
    return bad_format;
  return {};
}

// <key>, and for some a number
std::string_view read_key(Command& command, const Words& words) {
  // Old clients send a time with delete, which can only be 0.
  const bool with_time = command.verb == Verb::remove && words.count == 2 && words.each[1] == "0";
  const std::size_t wanted = command.verb == Verb::remove && !with_time ? 1 : 2;
  if (words.count != wanted)
    return command.verb == Verb::remove && words.count > 1
               ? "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]"
               : no_such;
  command.key = words.each[0];
  if (command.key.size() > longest_key) return bad_format;
  if (command.verb == Verb::touch)
    return read_number(words.each[1], command.expiry) ? ""
                                                      : "CLIENT_ERROR invalid exptime argument";
  if (command.verb != Verb::remove && !read_number(words.each[1], command.number))
    return "CLIENT_ERROR invalid numeric delta argument";
  return {};
}

// Others than the general ones are of memcached's own memory.
std::string_view read_stats(const Words& words) { return words.count == 0 ? "" : no_such; }

std::string_view read_rest(Command& command, std::string_view rest) {
  if (command.verb == Verb::get || command.verb == Verb::gets) return read_get(command, rest);
  if (command.verb == Verb::version || command.verb == Verb::quit) return {};
  Words words = words_of(rest);
  if (command.verb == Verb::stats) return read_stats(words);
  command.noreply = take_noreply(words);
  switch (command.verb) {
    case Verb::remove:
    case Verb::increment:
    case Verb::decrement:
    case Verb::touch:
      return read_key(command, words);
    case Verb::flush_all:
      if (words.count > 1) return no_such;
      return words.count == 0 || read_number(words.each[0], command.expiry) ? "" : bad_format;
    case Verb::verbosity:
      return words.count == 1 ? "" : no_such;
    default:
      return read_storage(command, words);
  }
}

}  // namespace

std::string_view take_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return text = {};
  const std::size_t end = text.find(' ', begin);
  const std::string_view word =
      text.substr(begin, end == std::string_view::npos ? end : end - begin);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  return word;
}

Command parse_command(std::string_view line) {
  Command command;
  const std::string_view word = take_word(line);
  for (const auto& [name, verb] : verbs)
    if (word == name) command.verb = verb;
  command.mistake = command.verb == Verb::unknown ? no_such : read_rest(command, line);
  return command;
}

Line find_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return {};
  return {bytes.substr(0, end != 0 && bytes[end - 1] == '\r' ? end - 1 : end), end + 1};
}

}  // namespace kv
