// ListenAddress: one address where a socket can listen, as the system has it. What users write may
// come to several: "localhost" is 127.0.0.1 and ::1. Plain values; listen_addresses may ask the
// network.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/net/address.h"
#include "core/net/peer.h"

namespace asyncd {

struct ListenAddress {
  Peer ip;                 // with its port; of a unix socket the family alone
  bool only_ipv6 = false;  // [::] without IPv4, which it has else
  std::string path;        // of a unix socket

  bool is_unix() const { return ip.family == Peer::Family::unix_socket; }
  std::string to_string() const;
  bool operator==(const ListenAddress&) const = default;

  // Whether clients of the other reach this one, too, as long as nothing listens on the other.
  bool covers(const ListenAddress& other) const;
  bool overlaps(const ListenAddress& other) const { return covers(other) || other.covers(*this); }
};

// Each once, in the resolver's order; never empty. 73: the name is not known.
Result<std::vector<ListenAddress>> listen_addresses(const Address& address);

// Whether this system can listen on addresses of that kind at all: IPv6 is often switched off.
bool has_family(Peer::Family family);

}  // namespace asyncd
