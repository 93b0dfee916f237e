// Peer: the other end of a connection, as accept told it. Small and plain, kept in every
// connection; immutable, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace asyncd {

struct Peer {
  enum class Family : std::uint8_t { unknown, ipv4, ipv6, unix_socket };

  Family family = Family::unknown;
  std::uint16_t port = 0;
  std::uint32_t scope = 0;  // ipv6: the interface of a link-local address
  std::array<std::uint8_t, 16>
      bytes{};  // network order; ipv4 in the first four. IPv4 over a dual stack socket is ipv4 here

  bool operator==(const Peer&) const = default;
  std::string to_string()
      const;  // "127.0.0.1:4711", "[::1]:4711", "unix:" for a socket without a name, "unknown"
};

}  // namespace asyncd
