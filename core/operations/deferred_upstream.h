// DeferredUpstream: a call's connection to another server, on an event loop. Each of its endpoints
// is tried in turn; then it reads and writes as its operations ask for. Lives on the loop's thread;
// owned by its call's operations.
#pragma once

#include <memory>
#include <vector>

#include "core/operations/reactor.h"
#include "core/operations/upstream.h"

namespace asyncd {

// Receives each operation that has ended, with its result.
class OperationEnd {
 public:
  virtual ~OperationEnd() = default;
  virtual void on_end(asyncd_op& op) = 0;
};

class DeferredUpstream final : public asyncd_stream, private Watcher {
 public:
  DeferredUpstream(Reactor& reactor, OperationEnd& end) : reactor_(reactor), end_(end) {}

  // on_end follows, perhaps within this function; a failure also destroys this object.
  void connect(asyncd_op& op, std::vector<Endpoint> endpoints);
  bool connected() const { return state_ == State::connected; }

  // std::bad_alloc: nothing is under way. True: it has ended. Else `op` is under way until
  // on_end or give_up.
  bool read(asyncd_op& op);
  bool write(asyncd_op& op);
  void give_up(const asyncd_op& op);

 private:
  enum class State : std::uint8_t { connecting, connected, failed };

  void on_ready(Ready ready) override;
  void on_connect_ready();
  void go_on(asyncd_op& op, bool (DeferredUpstream::*transfer)(asyncd_op&));
  void try_next(int error);

  Reactor& reactor_;
  OperationEnd& end_;
  std::unique_ptr<Watch> watch_;
  std::vector<Endpoint> endpoints_;  // that have not been tried yet, the first one last
  State state_ = State::connecting;
};

}  // namespace asyncd
