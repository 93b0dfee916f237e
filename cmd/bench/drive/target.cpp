#include "cmd/bench/drive/target.h"

#include <algorithm>

namespace asyncd::bench {

namespace {

bool is_loopback(const Peer& peer) {
  if (peer.family == Peer::Family::ipv4) return peer.bytes[0] == 127;
  constexpr std::array<std::uint8_t, 16> ipv6_loopback{0, 0, 0, 0, 0, 0, 0, 0,
                                                       0, 0, 0, 0, 0, 0, 0, 1};
  return peer.family == Peer::Family::unix_socket || peer.bytes == ipv6_loopback;
}

}  // namespace

Result<ResolvedTarget> ResolvedTarget::find(const std::string& text) {
  const Result<Address> address = parse_address(text);
  if (!address) return address.error();
  if (address->kind == Address::Kind::tcp && address->port == 0)
    return Error{ExitCode::usage,
                 "port 0 is no server's: name the port on which the server listens"};
  const Result<std::vector<Endpoint>> found = resolve(*address);
  if (!found) return found.error();
  // "localhost" is ::1 as well, where few listen: so IPv4 comes first where a name has both.
  const auto ipv4 = std::find_if(found->begin(), found->end(), [](const Endpoint& one) {
    return peer_of(one).family == Peer::Family::ipv4;
  });
  ResolvedTarget target{.endpoint = ipv4 != found->end() ? *ipv4 : found->front()};
  const Peer peer = peer_of(target.endpoint);
  target.port = peer.port;
  target.local = is_loopback(peer);
  return target;
}

}  // namespace asyncd::bench
