// listen_on: a socket that listens on an address, or on the first of a name's.
#pragma once

#include "core/listen/listen_socket.h"

namespace asyncd::test {

inline Result<ListenSocket> listen_on(const Address& address) {
  const Result<std::vector<ListenAddress>> places = listen_addresses(address);
  if (!places) return places.error();
  return ListenSocket::open(places->front());
}

}  // namespace asyncd::test
