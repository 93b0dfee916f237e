// Socket: a connection's or listener's descriptor, and the few operations that asyncd needs of the
// system's sockets. The functions never throw and never raise SIGPIPE; what a system calls its
// errors stays behind this header. A Socket has one owner; the functions may be called on any one
// thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/clock.h"
#include "core/net/native_socket.h"
#include "core/text/error_text.h"

namespace asyncd {

class Socket {
 public:
  Socket() = default;
  explicit Socket(NativeSocket handle) : handle_(handle) {}
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept : handle_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept {
    if (this != &other) {
      close();
      handle_ = other.release();
    }
    return *this;
  }

  explicit operator bool() const { return handle_ != no_socket; }
  NativeSocket handle() const { return handle_; }
  NativeSocket release() { return std::exchange(handle_, no_socket); }
  void close();

 private:
  NativeSocket handle_ = no_socket;
};

struct IoResult {
  enum class Status : std::uint8_t {
    ok,           // `bytes` were moved
    would_block,  // nothing now; or the wait was over
    eof,          // the other side has ended its output
    reset,        // the other side is gone
    failed,       // anything else: `error` is the system's number
  };
  Status status = Status::ok;
  std::size_t bytes = 0;
  int error = 0;
};

// What one of the system's error numbers means to a connection: would_block, reset or failed.
IoResult::Status classify_io_error(int error);

// Never wait.
std::size_t unread_bytes(NativeSocket socket);  // that have arrived

IoResult receive_some(NativeSocket socket, std::span<char> buffer);
IoResult send_some(NativeSocket socket, std::string_view bytes);

// Another handle for the same socket; without one where the system has none left.
Socket duplicate(NativeSocket socket);

void shutdown_write(NativeSocket socket);
void reset_on_close(NativeSocket socket);  // the other side will see no clean end
void set_non_blocking(NativeSocket socket, bool on);
void set_no_delay(NativeSocket socket);  // no effect on a unix socket
// A port is ours alone, and a restart need not wait for the last run's connections to be forgotten.
void claim_port(NativeSocket socket);

// Waits until the socket is readable, or (where asked for) writable, or `wait` is over.
struct Ready {
  bool readable = false;
  bool writable = false;
};
Ready wait_ready(NativeSocket socket, bool readable, bool writable, Duration wait);

// Whether the other side is gone altogether; one that has only ended its output is not.
bool is_gone(NativeSocket socket);

// Waits until one of the sockets (64 at most) is readable, or `wait` is over.
void wait_readable(std::span<const NativeSocket> sockets, Duration wait);

}  // namespace asyncd
