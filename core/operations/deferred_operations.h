// DeferredOperations: what calls wait for on an event loop. Nothing blocks: an operation begins,
// and ends at its timeout, by its socket or by another thread. Only run calls the `done` of
// operations that have ended, all together. Lives on its loop's thread; what other threads end
// (completion handles, offloaded work, lookups) arrives by a list.
#pragma once

#include <memory>

#include "core/base/deadline_wheel.h"
#include "core/operations/arrivals.h"
#include "core/operations/basic_operations.h"
#include "core/operations/deferred_upstream.h"
#include "core/operations/offload_pool.h"

namespace asyncd {

class DeferredOperations final : public BasicOperations, public OperationEnd {
 public:
  DeferredOperations(Reactor& reactor, CompletionHandles& completions, OffloadPool& pool);
  ~DeferredOperations() override;

  void end() noexcept;  // from now on no thread wakes the reactor

  // The reactor calls it on request: calls done of ended operations, gives their sessions a turn.
  void run();

  bool defers() const override { return true; }
  std::int32_t submit(AsyncCall& call, asyncd_op& op) noexcept override;
  void send_output(AsyncCall&) noexcept override {}
  bool enter(AsyncCall& call) override;
  void end_flush(AsyncCall& call, std::int32_t result) noexcept override;
  void cancel(AsyncCall& call) noexcept override;
  void on_end(asyncd_op& op) override;  // its done is called in run

 private:
  struct Entry;

  bool begin(AsyncCall& call, asyncd_op& op);
  bool begin_external(const AsyncCall& call, asyncd_op& op);
  bool begin_offload(asyncd_op& op);
  bool begin_connect(asyncd_op& op);
  bool begin_transfer(AsyncCall& call, asyncd_op& op);
  bool look_up(asyncd_op& op, Address address);
  void connect(asyncd_op& op, std::vector<Endpoint> endpoints);

  bool give_up(asyncd_op& op, std::int32_t result);
  void forget_lookup(asyncd_op& op);
  void on_posted(std::uint64_t handle, asyncd_op& op) noexcept override;
  void take_arrivals();
  void on_found(NameLookup& lookup);
  void call_done(AsyncCall& call, asyncd_op& op);
  void tell(asyncd_op& op);
  void expire();
  void schedule(Instant when);

  Reactor& reactor_;
  OffloadPool& pool_;
  DeadlineWheel wheel_;
  asyncd_op* first_ended_ = nullptr;  // those to be told
  asyncd_op* last_ended_ = nullptr;
  Instant scheduled_ = never;
  const std::shared_ptr<Arrivals> arrivals_;  // lookups may take longer than this lasts
};

}  // namespace asyncd
