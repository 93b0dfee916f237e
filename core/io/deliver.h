// What a receive came to, told to a driver: the same for every loop that reads by itself.
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

// Sends what the system takes at once. True: all of it is settled; false: the driver waits for on_writable.
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
