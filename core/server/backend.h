// Backend: how the I/O of one listener is done. One object for each listener; what all of them
// share is in core/io. All functions are called by the server's thread, or, before start, by the
// one that prepares a reload; all but start and join return at once.
#pragma once

#include "core/accept/listener.h"
#include "core/base/result.h"

namespace asyncd {

class Backend {
 public:
  virtual ~Backend() = default;

  // Bytes that it may come to need for so many connections, but for what handlers allocate and what
  // the system has for its sockets.
  virtual std::uint64_t memory_bound(const Service& service, std::uint64_t connections) const = 0;

  // Descriptors that it opens for itself, beside one for each connection.
  virtual std::uint64_t own_descriptors() const { return 1; }
  // Connections that it can have at most, however many the limits allow.
  virtual std::uint64_t most_connections() const { return unlimited_count; }
  // Of them, those that are served at a time; others wait until one of these has ended.
  virtual std::uint64_t serves_at_once() const { return most_connections(); }
  // Connections that it takes in at a time, those included that wait inside of it for a thread. The
  // listener applies `overload` to what is beyond, as it does beyond max_connections.
  virtual std::uint64_t takes_in_at_once() const { return unlimited_count; }

  // Begins to accept and to serve on threads of its own. The listener outlives the backend. Called
  // once; an error means that nothing has been started.
  virtual Result<void> start(Listener& listener) = 0;

  // The listener has a new service: make workers for it, and end those of retired services.
  virtual void refresh() = 0;
  virtual void retire() = 0;  // accept no client, not even one that waits: another backend does
  // Accepts only clients that wait already, and ends each connection once nothing is under way.
  virtual void drain() = 0;
  virtual void stop() = 0;        // end every connection now
  virtual void join() = 0;        // wait until all threads have ended; after retire, drain or stop
  virtual bool done() const = 0;  // join would not wait
};

}  // namespace asyncd
