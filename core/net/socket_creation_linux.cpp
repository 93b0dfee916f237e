#include <linux/filter.h>

#include "core/net/socket_creation.h"
#include "system_sockets.h"

namespace asyncd {

Socket accept_socket(NativeSocket listening, sockaddr_storage& peer) {
  SocketLength size = sizeof peer;
  return Socket(
      ::accept4(system_socket(listening), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
}

// The system looks at these when a socket is bound, and when it begins to listen.
bool can_share_ports() { return true; }

void share_port(NativeSocket socket, bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(system_socket(socket), SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

// A filter sees TCP headers. The first packet of a handshake has SYN and no ACK in its flags.
void admit_newcomers(NativeSocket listening, bool on) {
  constexpr int flags = 13, syn = 0x02, ack = 0x10;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags),       // load the flags
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),  // of these two
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),  // only SYN?
      BPF_STMT(BPF_RET | BPF_K, 0),                    // drop it
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),           // keep all of it
  };
  const sock_fprog program{sizeof code / sizeof *code, code};
  const int unused = 0;
  if (on)
    ::setsockopt(system_socket(listening), SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
  else
    ::setsockopt(system_socket(listening), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

bool has_abstract_sockets() { return true; }

Socket stream_socket(int family) { return Socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace asyncd
