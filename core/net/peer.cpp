#include "core/net/peer.h"

#include "system_sockets.h"

namespace asyncd {

std::string Peer::to_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  switch (family) {
    case Family::ipv4:
      ::inet_ntop(AF_INET, bytes.data(), text, sizeof text);
      return text + (":" + std::to_string(port));
    case Family::ipv6:
      ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
      return "[" + std::string(text) + (scope != 0 ? "%" + std::to_string(scope) : "") +
             "]:" + std::to_string(port);
    case Family::unix_socket:
      return "unix:";
    case Family::unknown:
      break;
  }
  return "unknown";
}

}  // namespace asyncd
