#include "core/net/address.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/net/socket_creation.h"
#include "core/text/escape.h"

namespace asyncd {

namespace {

constexpr std::string_view unix_mark = "unix:";

Error expected(std::string_view text, std::string_view problem) {
  return {ExitCode::usage, "bad address '" + text::printable(text) + "': " + std::string(problem) +
                               "; expected host:port, [::]:port, :port or unix:/path"};
}

bool is_control(char byte) { return static_cast<unsigned char>(byte) < ' ' || byte == 0x7f; }

Result<std::uint16_t> parse_port(std::string_view text, std::string_view port) {
  unsigned value = 0;
  const char* end = port.data() + port.size();
  const auto [stop, failure] = std::from_chars(port.data(), end, value);
  if (port.empty() || failure != std::errc() || stop != end || value > 65535)
    return expected(text, "'" + text::printable(port) + "' is not a port (0 to 65535)");
  return static_cast<std::uint16_t>(value);
}

Result<Address> parse_unix(std::string_view text) {
  const std::string_view path = text.substr(unix_mark.size());
  if (path.empty()) return expected(text, "the path is missing");
  if (is_abstract(path) && !has_abstract_sockets())
    return expected(
        text,
        "'@' stands for an abstract socket, which Linux alone has; a file of that name is unix:./" +
            text::printable(path));
  if (path == "@") return expected(text, "the name after '@' is missing");
  Address address;
  address.kind = Address::Kind::unix_socket;
  address.path = path;
  return address;
}

}  // namespace

std::string Address::to_string() const {
  if (kind == Kind::unix_socket) return std::string(unix_mark) + path;
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Address> parse_address(std::string_view text) {
  // The system would stop at a NUL, and a terminal act on the others.
  if (std::any_of(text.begin(), text.end(), is_control))
    return expected(text, "it holds a control byte");
  if (text.starts_with(unix_mark)) return parse_unix(text);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    const bool only_digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return c >= '0' && c <= '9';
    });
    return expected(text, only_digits ? "a port alone is written ':" + std::string(text) + "'"
                                      : "the port is missing");
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return expected(text, "']' is missing");
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos)
      return expected(text, "brackets are for IPv6 addresses");
  } else if (host.find(':') != std::string_view::npos) {
    return expected(text, "an IPv6 address is written in brackets");
  }
  const Result<std::uint16_t> port = parse_port(text, text.substr(colon + 1));
  if (!port) return port.error();
  Address address;
  address.host = host;
  address.port = *port;
  return address;
}

bool port_is_chosen_by_system(std::string_view text) {
  const Result<Address> address = parse_address(text);
  return address && address->kind == Address::Kind::tcp && address->port == 0;
}

}  // namespace asyncd
