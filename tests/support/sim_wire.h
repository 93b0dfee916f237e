// SimWire: a simulated TCP connection with both of its ends, which does to them what TCP does:
//   * What was written before an end arrives, however slowly its receiver takes it, also after
//     a close.
//   * A close while there is unread input, and input that comes after a close, is answered by
//     a reset.
//   * A reset destroys what its receiver has not sent yet, and on some systems what the receiver
//     has not read yet.
//   * A system tells of a reset once; after that there is merely an end.
// Belongs to a SimPeer; one thread.
#pragma once

#include <span>
#include <string_view>

#include "core/net/socket.h"
#include "tests/support/sim_pipe.h"

namespace asyncd::test {

class SimWire {
 public:
  struct Shape {
    Duration latency{};
    std::size_t send_buffer = 64 << 10;     // the server's
    std::size_t least_room = 1;             // in it, or nothing more is taken
    std::size_t receive_buffer = 64 << 10;  // the server's
    std::size_t window = 64 << 10;          // the client's receive buffer
    bool resets_destroy = false;            // what has arrived and was not read
  };

  explicit SimWire(const Shape& shape);

  // The network: when something will arrive at either end next, and letting that happen.
  Instant next() const { return std::min(to_server_.next(), to_client_.next()); }
  void advance(Instant now);

  // The server's end, as a loop uses a socket.
  bool readable() const {
    return to_server_.unread() != 0 || to_server_.has_ended() || to_server_.was_reset();
  }
  bool writable() const { return to_client_.room() != 0 || to_server_.was_reset(); }
  std::size_t unread() const { return to_server_.unread(); }
  Taken taken() const { return to_client_.taken_by_receiver(); }
  IoResult read(std::span<char> buffer, Instant now);
  IoResult write(std::string_view bytes, Instant now);
  void shut(Instant now) { to_client_.end(now); }
  void close(Instant now);
  void abort(Instant now);  // a close that tells the client that something is missing

  // The client's end.
  void send(std::string_view bytes, Instant now) { to_server_.write(bytes, now); }
  void end(Instant now) { to_server_.end(now); }
  void leave(Instant now);  // as close above
  void reset(Instant now);  // as abort
  std::size_t to_take() const { return to_client_.unread(); }
  std::size_t take(std::size_t most, Instant now);
  bool at_end() const { return to_take() == 0 && to_client_.has_ended() && !was_reset(); }
  bool was_reset() const { return broken(to_client_); }

  std::string_view received() const { return to_client_.taken(); }             // by the client
  const std::vector<Move>& arrivals() const { return to_server_.arrivals(); }  // at the server

 private:
  // A reset behind the end changes nothing for a receiver that keeps what has arrived.
  bool broken(const SimPipe& pipe) const {
    return pipe.was_reset() && (resets_destroy_ || !pipe.has_ended());
  }

  SimPipe to_server_;
  SimPipe to_client_;
  const bool resets_destroy_;
  bool server_closed_ = false;
  bool client_closed_ = false;
  bool told_ = false;  // the server, of the client's reset
};

}  // namespace asyncd::test
