// What clients say in each framing, and what they get: the same however the network cuts it into
// pieces, and whatever stage it goes through.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/session/support.h"

namespace session_test {

struct Entry {
  std::string name;
  Framing framing;
  std::uint64_t max_message = 1 << 20;
  std::string input;
  std::string output;
  CloseReason reason = CloseReason::client_closed;
};

inline void PrintTo(const Entry& entry, std::ostream* stream) { *stream << entry.name; }

inline std::string many(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

inline const Framing line{.kind = FramingKind::line};
inline const Framing fixed{.kind = FramingKind::fixed, .message_size = 4};
inline const Framing handler{.kind = FramingKind::handler};

inline std::vector<Entry> text_entries() {
  const CloseReason too_long = CloseReason::message_too_long;
  return {
      {"Line", line, 100, "one\ntwo\nbad\n\nnone\nthree\n",
       "ONE\nTWO\nerror: not a good one\n\nTHREE\n"},
      {"LineWithCr", line, 100, "one\r\n\r\na\rb\r\n\r\r\n", "ONE\n\nA\rB\n\r\n"},
      {"LineWithoutEnd", line, 100, "one\nlast", "ONE\nLAST\n"},
      {"LineWithoutEndButCr", line, 100, "one\r\nlast\r", "ONE\nLAST\r\n"},
      {"LineNothing", line, 100, "", ""},
      {"LineMoreThanOneTurn", line, 100, many("ab\n", 40), many("AB\n", 40)},
      {"LineClosedByHandler", line, 100, "one\nclose\ntwo\n", "ONE\nbye\n",
       CloseReason::handler_closed},
      {"LineBrokenByHandler", line, 100, "one\nlie\ntwo\n", "ONE\nerror: handler failed\n",
       CloseReason::handler_failed},
      {"LineAtLimit", line, 5, "12345\n12345\r\n12345", "12345\n12345\n12345\n"},
      {"LineTooLong", line, 5, "one\n123456\ntwo\n",
       "ONE\nerror: message too long (limit 5 bytes)\n", too_long},
      {"LineTooLongWithCr", line, 5, "123456\r\ntwo\n", "error: message too long (limit 5 bytes)\n",
       too_long},
      {"LineTooLongOpen", line, 5, "one\n12345678",
       "ONE\nerror: message too long (limit 5 bytes)\n", too_long},
      {"LineTooLongByCr", line, 5, "12345\r", "error: message too long (limit 5 bytes)\n",
       too_long},
      {"LineUnlimited", line, asyncd::unlimited_count, "one\ntwo\r\nlast", "ONE\nTWO\nLAST\n"},
      {"Fixed", fixed, 100, "onlyfour" + many("none", 20) + "last", "ONLYFOURLAST"},
      {"FixedIncomplete", fixed, 100, "onlyfo", "ONLYerror: incomplete message (2 of 4 bytes)",
       CloseReason::message_incomplete},
      {"Handler", handler, 100, "one;;two;", "ONETWO"},
      {"HandlerMalformed", handler, 100, "one;t!wo;", "ONEerror: malformed message",
       CloseReason::message_malformed},
      {"HandlerIncomplete", handler, 100, "one;tw", "ONEerror: incomplete message (2 bytes)",
       CloseReason::message_incomplete},
      {"HandlerWithHead", handler, 5, "a long head|12345;b|c;", "12345C"},
      {"HandlerMalformedAfterMuch", handler, 5, "12345;1234567!;", "12345error: malformed message",
       CloseReason::message_malformed},
      {"HandlerTooLong", handler, 5, "12345;123456;",
       "12345error: message too long (limit 5 bytes)", too_long},
  };
}

struct LengthFormat {
  Framing framing;
  std::string name;

  LengthFormat(std::uint32_t size, bool little)
      : framing{.kind = FramingKind::length,
                .prefix_size = size,
                .prefix_order = little ? asyncd::ByteOrder::little : asyncd::ByteOrder::big},
        name("Length" + std::to_string(size) + (little ? "Little" : "Big")) {}

  std::string prefix(std::uint64_t count) const {
    std::string bytes(framing.prefix_size, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[framing.prefix_order == asyncd::ByteOrder::little ? i : bytes.size() - 1 - i] =
          static_cast<char>(count >> (8 * i));
    return bytes;
  }
  std::string message(std::string_view text) const {
    return prefix(text.size()) + std::string(text);
  }
};

inline std::vector<Entry> length_entries(const LengthFormat& format) {
  const std::string too_long =
      format.message("ONE") + format.message("error: message too long (limit 100 bytes)");
  const std::string size = std::to_string(format.framing.prefix_size);
  std::vector<Entry> entries = {
      {format.name, format.framing, 100,
       format.message("one") + format.message("") + format.message("bad"),
       format.message("ONE") + format.message("") + format.message("error: not a\ngood one")},
      {format.name + "TooLong", format.framing, 100,
       format.message("one") + format.prefix(101) + "rest", too_long,
       CloseReason::message_too_long},
      {format.name + "AtLimit", format.framing, 40, format.message(std::string(40, 'x')),
       format.message(std::string(40, 'X'))},
      {format.name + "Incomplete", format.framing, 100,
       format.message("one") + format.prefix(9) + "two",
       format.message("ONE") +
           format.message("error: incomplete message (" +
                          std::to_string(3 + format.prefix(0).size()) + " of " +
                          std::to_string(9 + format.prefix(0).size()) + " bytes)"),
       CloseReason::message_incomplete},
  };
  if (format.framing.prefix_size == 1) return entries;
  entries.push_back(
      {format.name + "IncompletePrefix", format.framing, 100, format.prefix(3).substr(1),
       format.message("error: incomplete message (" +
                      std::to_string(format.framing.prefix_size - 1) + " of " + size + " bytes)"),
       CloseReason::message_incomplete});
  // The largest number that the prefix can spell must not run over anything.
  entries.push_back(
      {format.name + "Largest", format.framing, 100,
       format.message("one") + std::string(format.framing.prefix_size, '\xff') + "rest", too_long,
       CloseReason::message_too_long});
  return entries;
}

// Not even without a limit may the largest length run over anything.
inline Entry endless_entry() {
  const LengthFormat format(8, false);
  return {"Length8Unlimited",
          format.framing,
          asyncd::unlimited_count,
          format.message("one") + format.prefix(UINT64_MAX) + "rest",
          format.message("ONE") +
              format.message("error: message too long (limit 18446744073709551615 bytes)"),
          CloseReason::message_too_long};
}

inline std::vector<Entry> corpus() {
  std::vector<Entry> entries = text_entries();
  entries.push_back(endless_entry());
  for (const std::uint32_t size : {1U, 2U, 4U, 8U})
    for (const bool little : {false, true})
      for (Entry& entry : length_entries({size, little})) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace session_test
