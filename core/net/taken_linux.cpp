// What the other side has acknowledged is not the whole truth: a system tells of room that its
// program has made in steps of half a receive buffer at most, and a slow reader takes a minute for
// such a step. Where the other side is a program of this machine, the kernel knows what lies unread
// in its socket, and tells by sock_diag(7), as it does to ss(8).
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "core/net/socket.h"
#include "core/net/taken.h"
#include "system_sockets.h"

namespace asyncd {

namespace {

constexpr std::uint32_t any_cookie = INET_DIAG_NOCOOKIE;
constexpr std::uint8_t listening_state = TCP_LISTEN;

struct Answer {
  alignas(nlmsghdr) std::array<char, 1024> buffer;
  std::size_t size = 0;  // 0: there is no such socket, or the kernel is not to be asked

  template <class Body>
  const Body* body() const {
    return size < sizeof(nlmsghdr) + sizeof(Body)
               ? nullptr
               : reinterpret_cast<const Body*>(buffer.data() + sizeof(nlmsghdr));
  }
};

// One question about one socket; the kernel has answered it when send returns.
template <class Body>
Answer ask(const Body& body) {
  struct {
    nlmsghdr header{};
    Body body;
  } question{.body = body};
  static_assert(sizeof question == sizeof(nlmsghdr) + sizeof(Body));
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  Answer answer;
  const Socket kernel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!kernel || ::send(system_socket(kernel.handle()), &question, sizeof question, 0) < 0)
    return answer;
  const ssize_t size = ::recv(system_socket(kernel.handle()), answer.buffer.data(),
                              answer.buffer.size(), MSG_DONTWAIT);
  nlmsghdr header{};
  if (size < static_cast<ssize_t>(sizeof header)) return answer;
  std::memcpy(&header, answer.buffer.data(), sizeof header);
  if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY)
    answer.size = std::min<std::size_t>(static_cast<std::size_t>(size), header.nlmsg_len);
  return answer;
}

// Of a TCP socket the address, as the kernel's question wants it; the port is in network order.
void put_address(const sockaddr_storage& address, __be32 (&where)[4], __be16& port) {
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(where, &v6.sin6_addr, sizeof v6.sin6_addr);
    port = v6.sin6_port;
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(where, &v4.sin_addr, sizeof v4.sin_addr);
    port = v4.sin_port;
  }
}

// What the program at the other end has not read, where that is one of this machine.
std::optional<std::uint64_t> unread_over_tcp(NativeSocket socket, const sockaddr_storage& own) {
  sockaddr_storage other{};
  socklen_t size = sizeof other;
  if (::getpeername(system_socket(socket), reinterpret_cast<sockaddr*>(&other), &size) != 0)
    return std::nullopt;
  inet_diag_req_v2 request{};
  request.sdiag_family = static_cast<__u8>(own.ss_family);
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_states = ~0U;
  put_address(other, request.id.idiag_src, request.id.idiag_sport);
  put_address(own, request.id.idiag_dst, request.id.idiag_dport);
  request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = any_cookie;
  const Answer answer = ask(request);
  const auto* told = answer.body<inet_diag_msg>();
  const bool is_it = told != nullptr && told->idiag_state != listening_state &&
                     told->id.idiag_sport == request.id.idiag_sport &&
                     told->id.idiag_dport == request.id.idiag_dport;
  return is_it ? std::optional<std::uint64_t>(told->idiag_rqueue) : std::nullopt;
}

// An attribute of a unix socket, by its number.
template <class Value>
std::optional<Value> attribute_of(std::uint32_t inode, std::uint32_t show, std::uint16_t which) {
  unix_diag_req request{};
  request.sdiag_family = AF_UNIX;
  request.udiag_states = ~0U;
  request.udiag_ino = inode;
  request.udiag_show = show;
  request.udiag_cookie[0] = request.udiag_cookie[1] = any_cookie;
  const Answer answer = ask(request);
  rtattr head{};
  for (std::size_t at = sizeof(nlmsghdr) + sizeof(unix_diag_msg); at + sizeof head <= answer.size;
       at += (head.rta_len + 3U) & ~std::size_t{3}) {
    std::memcpy(&head, answer.buffer.data() + at, sizeof head);
    if (head.rta_len < sizeof head) break;
    if (head.rta_type != which || at + sizeof head + sizeof(Value) > answer.size) continue;
    Value value{};
    std::memcpy(&value, answer.buffer.data() + at + sizeof head, sizeof value);
    return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> unread_over_unix(NativeSocket socket) {
  struct stat file {};
  if (::fstat(system_socket(socket), &file) != 0) return std::nullopt;
  const auto other = attribute_of<std::uint32_t>(static_cast<std::uint32_t>(file.st_ino),
                                                 UDIAG_SHOW_PEER, UNIX_DIAG_PEER);
  if (!other) return std::nullopt;
  const auto queues = attribute_of<unix_diag_rqlen>(*other, UDIAG_SHOW_RQLEN, UNIX_DIAG_RQLEN);
  return queues ? std::optional<std::uint64_t>(queues->udiag_rqueue) : std::nullopt;
}

bool has_ended_output(NativeSocket socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(system_socket(socket), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state != TCP_ESTABLISHED && info.tcpi_state != TCP_CLOSE_WAIT;
}

}  // namespace

// Of a unix socket SIOCOUTQ tells the memory that its output takes, which is more than its bytes.
Taken taken_bytes(NativeSocket socket, std::uint64_t sent) {
  int queued = 0;
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::ioctl(system_socket(socket), SIOCOUTQ, &queued) != 0 ||
      ::getsockname(system_socket(socket), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return {sent, false};
  const bool over_tcp = own.ss_family == AF_INET || own.ss_family == AF_INET6;
  // The end of our output is counted like a byte of it.
  if (over_tcp && queued > 0 && has_ended_output(socket)) --queued;
  const auto unread = over_tcp ? unread_over_tcp(socket, own) : unread_over_unix(socket);
  const auto kept = static_cast<std::uint64_t>(queued);
  const std::uint64_t untaken = over_tcp ? kept + unread.value_or(0) : unread.value_or(kept);
  return {sent - std::min(sent, untaken), over_tcp && kept != 0};
}

// So the session has the rest of a long reply, where it counts, and not megabytes of it the kernel.
// Accepted sockets have it from the listening one.
void bound_unsent(NativeSocket listening) {
  const int most = 128 << 10;
  ::setsockopt(system_socket(listening), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

}  // namespace asyncd
