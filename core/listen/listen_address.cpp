#include "core/listen/listen_address.h"

#include <algorithm>
#include <memory>

#include "core/net/sockaddr.h"
#include "core/net/socket_creation.h"

namespace asyncd {

namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

constexpr Peer all_ipv4{.family = Peer::Family::ipv4};
constexpr Peer all_ipv6{.family = Peer::Family::ipv6};

bool is_of_all(const Peer& ip) {
  return std::all_of(ip.bytes.begin(), ip.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool can_bind(const Peer& ip) {
  sockaddr_storage target{};
  const SocketLength size = sockaddr_of(ip, target);
  const Socket socket = stream_socket(target.ss_family);
  return socket && ::bind(system_socket(socket.handle()),
                          reinterpret_cast<const sockaddr*>(&target), size) == 0;
}

Peer loopback(Peer::Family family) {
  Peer ip{.family = family};
  if (family == Peer::Family::ipv4)
    ip.bytes = {127, 0, 0, 1};
  else
    ip.bytes.back() = 1;
  return ip;
}

// A machine without IPv6 still has all of its IPv4 addresses.
std::vector<ListenAddress> all_addresses(std::uint16_t port) {
  ListenAddress all{.ip = can_bind(all_ipv6) ? all_ipv6 : all_ipv4};
  all.ip.port = port;
  return {all};
}

std::vector<ListenAddress> each_once(const addrinfo* list) {
  std::vector<ListenAddress> result;
  for (; list != nullptr; list = list->ai_next) {
    sockaddr_storage storage{};
    std::copy_n(reinterpret_cast<const char*>(list->ai_addr),
                std::min<std::size_t>(list->ai_addrlen, sizeof storage),
                reinterpret_cast<char*>(&storage));
    ListenAddress one{.ip = peer_of(storage)};
    if (std::find(result.begin(), result.end(), one) == result.end())
      result.push_back(std::move(one));
  }
  // Beside IPv4 addresses, [::] is for IPv6 alone.
  const bool has_ipv4 = std::any_of(result.begin(), result.end(), [](const ListenAddress& one) {
    return one.ip.family == Peer::Family::ipv4;
  });
  for (ListenAddress& one : result)
    one.only_ipv6 = has_ipv4 && one.ip.family == Peer::Family::ipv6 && is_of_all(one.ip);
  return result;
}

}  // namespace

std::string ListenAddress::to_string() const { return is_unix() ? "unix:" + path : ip.to_string(); }

bool ListenAddress::covers(const ListenAddress& other) const {
  if (*this == other) return true;
  if (is_unix() || other.is_unix() || ip.port != other.ip.port || !is_of_all(ip)) return false;
  if (ip.family == other.ip.family) return !only_ipv6 || !is_of_all(other.ip);
  return ip.family == Peer::Family::ipv6 && !only_ipv6;
}

Result<std::vector<ListenAddress>> listen_addresses(const Address& address) {
  if (address.kind == Address::Kind::unix_socket)
    return std::vector{
        ListenAddress{.ip = {.family = Peer::Family::unix_socket}, .path = address.path}};
  if (address.host.empty()) return all_addresses(address.port);
  start_sockets();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int failure =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  if (failure != 0)
    return Error{ExitCode::cannot_create,
                 "cannot listen on " + address.to_string() + ": '" + address.host +
                     "' is not an address of this machine (" + lookup_error_text(failure) + ")"};
  const AddressList owner(list, &::freeaddrinfo);
  return each_once(list);
}

bool has_family(Peer::Family family) { return can_bind(loopback(family)); }

}  // namespace asyncd
