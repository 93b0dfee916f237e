// Stage: a protocol between the wire and a session, such as TLS: bytes to bytes, without I/O. It
// has output of its own (a handshake, an answer to a ping), a deadline of its own, an end of its
// own (a closing word) and a reason of its own to fail. StagedWire drives it, or StagedRefusal
// for a client that is turned away. One thread at a time. What a stage keeps beside the buffers
// that it is given, it counts in held.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/session/close_reason.h"

namespace asyncd {

class Stage {
 public:
  virtual ~Stage() = default;

  // Takes all `bytes` of the wire: appends what they mean to `plain`, and what the stage itself has
  // to answer to `wire`. Not called once it has failed. std::bad_alloc.
  virtual void receive(std::string_view bytes, Buffer& plain, Buffer& wire) = 0;
  // The wire has ended. Where the client's closing word has not come before, the stage has failed.
  virtual void on_wire_end() = 0;

  virtual bool is_open() const = 0;         // a session may talk
  virtual bool has_ended() const = 0;       // the client's closing word has come
  virtual CloseReason failure() const = 0;  // why it cannot go on; none: it can
  virtual Instant deadline() const = 0;     // on_time is called then
  virtual void on_time(Instant now) = 0;    // it may have failed for it
  virtual std::uint64_t held() const { return 0; }

  // The client has sent a part of a record: a drain waits for the rest.
  virtual bool is_within_record() const { return false; }

  // Appends to `wire` what `plain` becomes: at least as many bytes. Only once it is open.
  // std::bad_alloc.
  virtual void send(std::string_view plain, Buffer& wire) = 0;
  virtual void send_end(Buffer& wire) = 0;  // the closing word; nothing is sent afterwards
};

// Makes the stage of each connection of a service. Immutable; any thread. std::bad_alloc.
class StageMaker {
 public:
  virtual ~StageMaker() = default;
  virtual std::unique_ptr<Stage> make(Instant now) const = 0;
};

}  // namespace asyncd
