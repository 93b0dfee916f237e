// Connecting to a server without waiting for it: the client's half of the sockets. Looking a name up may wait, so it is
// done once, before. Any one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/net/address.h"
#include "core/net/socket.h"

namespace asyncd {

// What a failed attempt came to, for those who count.
enum class ConnectError : std::uint8_t {
  none,
  refused,      // nobody listens there
  no_port,      // this machine has no local port left for another connection to there
  no_resource,  // this process may open no more files, or the system has no memory
  unreachable,  // anything else
};
ConnectError classify_connect_error(int error);

// Where to connect to, as the system has it. Immutable, cheap to copy.
class Endpoint {
 public:
  // The error (1) names the address and what is wrong with it. ":8080" means this machine.
  static Result<Endpoint> look_up(const Address& address);

  const std::string& name() const { return name_; }  // with the IP address that the name stands for
  bool is_loopback() const { return loopback_; }     // or a unix socket: the server is on this machine
  bool is_unix() const;
  std::uint16_t port() const;

 private:
  friend struct Connecting;
  struct Target;
  Endpoint() = default;

  std::shared_ptr<const Target> target_;
  std::string name_;
  bool loopback_ = false;
};

// A connection that has begun: it is there, or has failed, once its socket is writable.
struct Connecting {
  // `error` 0: under way. Else there is no socket.
  static Connecting begin(const Endpoint& endpoint);

  Socket socket;  // non-blocking
  int error = 0;  // the system's number
};

// What became of one that is writable: 0, or the system's error number.
int connect_outcome(NativeSocket socket);

}  // namespace asyncd
