// Address: where a listener listens, as users write it: "host:port", "[::]:8080", ":8080",
// "unix:/path" or, on Linux, "unix:@name". Plain values; parsing looks nothing up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace asyncd {

struct Address {
  enum class Kind : std::uint8_t { tcp, unix_socket };

  Kind kind = Kind::tcp;
  // tcp: an IP address without brackets, or a name; empty: all addresses, IPv4 and IPv6
  std::string host;
  std::uint16_t port = 0;  // tcp: 0 lets the system choose
  std::string path;        // unix socket; "@name": one without a file, which Linux calls abstract

  std::string to_string() const;
};

// Whether the path of a unix socket is such a name. A file of that name is "./@name".
inline bool is_abstract(std::string_view path) { return path.starts_with('@'); }

// The error is of ExitCode::usage; its message says what was expected.
Result<Address> parse_address(std::string_view text);

// "host:0" and the like: each listener with it gets a port of its own.
bool port_is_chosen_by_system(std::string_view text);

}  // namespace asyncd
