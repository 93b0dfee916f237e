#include "cmd/messages/random_messages.h"

#include <string_view>

namespace asyncd {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view printable =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmno"
    "pqrstuvwxyz{|}~";

}  // namespace

std::string RandomMessages::next() {
  switch (below(8)) {
    case 0:
      return "";
    case 1:
      return letters(printable, 1 + below(200));
    case 2:
      return (below(2) == 0 ? "" : "-") + letters(digits, 1 + below(40));
    case 3:
      return command();
    case 4:
      return bytes(1 + below(64));
    case 5:
      return std::string(1 + below(64), static_cast<char>(random_()));
    case 6:
      return bytes(1 + below(4096));
    default:
      return bytes(below(16) == 0 ? longest_ - below(2) : 1 + below(64 << 10));
  }
}

std::string RandomMessages::bytes(std::size_t size) {
  std::string result(size, '\0');
  std::uint64_t some = 0;  // used byte by byte
  for (std::size_t i = 0; i < size; ++i, some >>= 8) {
    if (i % sizeof some == 0) some = random_();
    result[i] = static_cast<char>(some);
  }
  return result;
}

std::string RandomMessages::letters(std::string_view from, std::size_t size) {
  std::string result(size, '\0');
  for (char& letter : result) letter = from[below(from.size())];
  return result;
}

// Words, numbers and what stands between them in protocols of lines.
std::string RandomMessages::command() {
  std::string result;
  for (std::size_t words = 1 + below(6); words > 0; --words) {
    result += letters("abcdefghijklmnopqrstuvwxyzGETSPUT", 1 + below(8));
    result += " \t,:=/\r\n"[below(8)];
    if (below(2) == 0) result += letters(digits, 1 + below(20)) + " ";
  }
  return result;
}

}  // namespace asyncd
