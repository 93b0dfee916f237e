// Backend: how the I/O of one listener is done. One object for each listener; what all of them share is in core/io.
// start, drain, stop and join are called by the server's thread; drain and stop return at once.
#pragma once

#include "core/base/result.h"
#include "core/io/listener.h"

namespace asyncd {

class Backend {
 public:
  virtual ~Backend() = default;

  // Begins to accept and to serve on threads of its own. The listener outlives the backend. Called once; an error means
  // that nothing has been started.
  virtual Result<void> start(Listener& listener) = 0;

  virtual void drain() = 0;       // accept nobody any more, end each connection once nothing is under way on it
  virtual void stop() = 0;        // end every connection now
  virtual void join() = 0;        // wait until all threads have ended; after drain or stop
  virtual bool done() const = 0;  // join would not wait
};

}  // namespace asyncd
