#include "integer/refuse.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace integer {
namespace {

constexpr std::size_t max_quoted = 40;

// Everything but printable ASCII is escaped: the text may end on a terminal or in a log.
void append_escaped(asyncd::reply& reply, char byte) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(byte);
  if (byte == '"' || byte == '\\') {
    reply.append('\\');
    reply.append(byte);
  } else if (code >= 0x20 && code < 0x7f) {
    reply.append(byte);
  } else {
    const std::array<char, 4> escaped = {'\\', 'x', hex[code >> 4], hex[code & 15]};
    reply.append(std::string_view(escaped.data(), escaped.size()));
  }
}

void append_quoted(asyncd::reply& reply, std::string_view text) {
  reply.append('"');
  for (const char byte : text.substr(0, max_quoted)) append_escaped(reply, byte);
  reply.append('"');
  if (text.size() > max_quoted) reply.append("...");
}

}  // namespace

void refuse(const Scanned& scanned, asyncd::reply& reply) {
  switch (scanned.fault) {
    case Fault::none:
      return;
    case Fault::empty:
      return reply.error("empty message; an integer is expected");
    case Fault::too_long:
      static_assert(max_digits == 4300);
      return reply.error("integer too long (limit 4300 digits)");
    case Fault::not_an_integer:
      reply.error("not an integer: ");
      return append_quoted(reply, scanned.trimmed);
  }
}

}  // namespace integer
