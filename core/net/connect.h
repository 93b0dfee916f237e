// Connections to others, without waiting: their addresses are looked up first, then each is tried.
#pragma once

#include <array>
#include <vector>

#include "core/base/result.h"
#include "core/net/address.h"
#include "core/net/peer.h"
#include "core/net/socket.h"

namespace asyncd {

// An address as the system has it.
struct Endpoint {
  alignas(8) std::array<unsigned char, 128> bytes{};
  std::uint32_t size = 0;
};

// Whether resolve asks no name server, and so takes no time.
bool is_numeric(const Address& address);

// In the order in which they are to be tried; never empty. The error is ExitCode::failure.
Result<std::vector<Endpoint>> resolve(const Address& address);

// A socket that never blocks and connects, or is connected already: connect_error tells once it is
// writable. Without a socket: `error` is the system's number.
Socket begin_connect(const Endpoint& endpoint, int& error);
int connect_error(NativeSocket socket);  // 0: connected

// Who is there; a unix socket's path is not in it.
Peer peer_of(const Endpoint& endpoint);

// The outcome of a connect attempt, for counters.
enum class ConnectError : std::uint8_t {
  none,
  refused,      // no program listens there
  no_port,      // this machine has no local port left for another connection to there
  no_resource,  // this process may open no more files, or the system has no memory
  unreachable,  // anything else
};
ConnectError classify_connect_error(int error);

}  // namespace asyncd
