// What every loop that works on sockets does alike: tells a driver what a receive came to, sends
// directly, and looks before a deadline strikes.
#pragma once

#include "core/io/driver.h"
#include "core/net/socket.h"

namespace asyncd {

constexpr CloseReason reason_of(IoResult::Status status) {
  return status == IoResult::Status::reset ? CloseReason::client_reset : CloseReason::io_error;
}

template <class LoopType>
void deliver(Driver<LoopType>& driver, const IoResult& result, const char* buffer) {
  switch (result.status) {
    case IoResult::Status::ok:
      return driver.on_bytes({buffer, result.bytes});
    case IoResult::Status::would_block:
      return driver.on_idle();
    case IoResult::Status::eof:
      return driver.on_eof();
    case IoResult::Status::reset:
    case IoResult::Status::failed:
      return driver.on_read_failed(reason_of(result.status));
  }
}

// Whether a driver's time is over though something has arrived that it has not been told of yet, as
// after the process was stopped for a while. Then it is told first.
template <class LoopType>
bool has_input_waiting(const Driver<LoopType>& driver, NativeSocket socket, Instant now) {
  return driver.reading() && now >= driver.session().deadline() &&
         wait_ready(socket, true, false, {}).readable;
}

// Before the socket is closed.
template <class LoopType>
void prepare_close(const Driver<LoopType>& driver, NativeSocket socket) {
  if (driver.session().cut_off()) reset_on_close(socket);
}

// Sends what the system takes at once. True: all of it is settled; false: the driver waits for
// on_writable.
template <class LoopType>
bool send_directly(Driver<LoopType>& driver, NativeSocket socket, std::string_view output) {
  const IoResult result = send_some(socket, output);
  if (result.status == IoResult::Status::ok && result.bytes == output.size()) {
    driver.on_sent(result.bytes);
    return true;
  }
  if (result.status == IoResult::Status::ok || result.status == IoResult::Status::would_block) {
    driver.on_partly_sent(result.bytes);
    return false;
  }
  driver.on_send_failed(reason_of(result.status));
  return true;
}

}  // namespace asyncd
