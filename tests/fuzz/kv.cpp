// kv's protocol: whatever the bytes, the frame hook finds messages in them, however they are cut,
// and each gets an answer in the protocol's words, or none. Input: how to cut, then the bytes.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "kv/command.h"
#include "sdk/fake_host.hpp"

namespace {

using fuzz::require;

constexpr std::string_view beginnings[] = {
    "VALUE ",        "END\r\n",     "STORED\r\n",    "NOT_STORED\r\n", "EXISTS\r\n",
    "NOT_FOUND\r\n", "DELETED\r\n", "TOUCHED\r\n",   "OK\r\n",         "VERSION ",
    "STAT ",         "ERROR\r\n",   "CLIENT_ERROR ", "SERVER_ERROR "};

void check_answer(std::string_view answer) {
  if (answer.empty()) return;
  const std::string_view first = answer.substr(0, answer.find('\r'));
  const bool is_number =
      !first.empty() && first.find_first_not_of("0123456789") == std::string_view::npos;
  const bool known = std::any_of(std::begin(beginnings), std::end(beginnings),
                                 [&](std::string_view each) { return answer.starts_with(each); });
  require(is_number || known, "an answer is one of the protocol's");
  require(answer.ends_with("\r\n"), "an answer ends its line");
}

void check_line(std::string_view text) {
  const kv::Line line = kv::find_line(text);
  require(line.total <= text.size(), "a line is in the bytes");
  const kv::Command command = kv::parse_command(line.text);
  if (!command.mistake.empty()) return;
  require(command.verb != kv::Verb::unknown, "what is right is known");
  if (command.verb != kv::Verb::get && command.verb != kv::Verb::gets &&
      command.verb != kv::Verb::stats)
    require(command.key.size() <= kv::longest_key, "a key is no longer than it may be");
}

std::string converse(std::string_view bytes, std::size_t piece) {
  asyncd::fake_host host(asyncd_plugin_v1, {{"memory", "64KiB"}, {"item_size", "1000"}});
  host.limit_reply(16 << 20);
  std::string all;
  while (!bytes.empty() && !host.ended()) {
    const std::string answers = host.exchange(bytes.substr(0, piece));
    check_answer(answers);
    all += answers;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.small();
  const std::string bytes(input.take(4000));
  check_line(bytes);
  const std::string whole = converse(bytes, bytes.size() + 1);
  const std::string pieces = converse(bytes, piece);
  // What depends on the time of day may differ.
  const bool timeless = bytes.find("stats") == std::string::npos &&
                        bytes.find("flush_all") == std::string::npos &&
                        bytes.find("touch") == std::string::npos;
  if (timeless)
    fuzz::require_same(pieces, whole, "however the bytes are cut, the answers are the same");
  return 0;
}
