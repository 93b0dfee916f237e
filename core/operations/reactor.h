// Reactor: what an event loop offers to the operations of its handlers' calls. All functions but
// wake on the loop's thread.
#pragma once

#include <memory>

#include "core/base/clock.h"
#include "core/net/socket.h"

namespace asyncd {

// A socket that a loop watches, and owns. Its end ends the watching, too.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual NativeSocket socket() const = 0;

  // Has the watcher told once that the socket is readable, or that it is writable. Either may be
  // wanted while the other is. std::bad_alloc.
  virtual void want_readable() = 0;
  virtual void want_writable() = 0;
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(Ready ready) = 0;  // never from within a function of its watch
};

inline constexpr Instant at_once{};

class Reactor {
 public:
  virtual ~Reactor() = default;

  virtual Instant now() const = 0;
  // DeferredOperations::run, then or a little later; not within this function.
  virtual void run_operations_at(Instant when) noexcept = 0;
  // A hook is about to be called for a call of this driver's session; the call has moved by it.
  virtual void on_hook(void* driver, Instant now) = 0;
  virtual void resume(void* driver) = 0;

  // `watcher` outlives the watch. Null: the loop cannot take one more. Memory that cannot be had is
  // std::bad_alloc.
  virtual std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) = 0;

  // DeferredOperations::run, soon. Any thread, as long as the loop runs.
  virtual void wake() noexcept = 0;
};

}  // namespace asyncd
