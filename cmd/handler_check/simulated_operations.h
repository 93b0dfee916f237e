// SimulatedOperations: what calls wait for while their handler is examined. Nothing takes time: a
// sleep is over, work is done, and other servers are made up by chance: they refuse, answer
// anything, in any pieces, and end at any time. What another thread has promised to post is waited
// for. Immediate, an operation has ended when it has been begun, as where threads may block;
// deferred, those under way end one by one in `run`, in an order by chance, as on event loops. One
// thread; only completion handles are posted by others.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "cmd/messages/random_messages.h"
#include "core/operations/basic_operations.h"

namespace asyncd {

// Who has a session, as its calls' owner.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void work() = 0;         // one of its operations has ended
  virtual void send_output() = 0;  // one of them is about to block
};

class SimulatedOperations final : public BasicOperations {
 public:
  SimulatedOperations(bool deferred, RandomMessages& chance)
      : BasicOperations(completions_), deferred_(deferred), chance_(chance) {}

  bool run();  // ends one of them; false: none is under way that could end
  std::size_t under_way() const { return pending_.size(); }
  std::string leak() const;  // what calls have left behind, or empty

  bool defers() const override { return deferred_; }
  std::int32_t submit(AsyncCall& call, asyncd_op& op) noexcept override;
  void send_output(AsyncCall& call) noexcept override { driver_of(call).send_output(); }
  bool enter(AsyncCall& call) override;
  void end_flush(AsyncCall& call, std::int32_t result) noexcept override;
  void cancel(AsyncCall& call) noexcept override;
  void release(AsyncCall& call) noexcept override;

 private:
  struct Pending {
    AsyncCall* call;
    asyncd_op* op;
    bool decided;  // op->result stands
  };

  static SessionOwner& driver_of(AsyncCall& call) {
    return *static_cast<SessionOwner*>(call.owner.driver);
  }
  void decide(AsyncCall& call, asyncd_op& op);
  void connect(AsyncCall& call, asyncd_op& op);
  void read(asyncd_op& op);
  void write(asyncd_op& op);
  void wait_for_post(const AsyncCall& call, asyncd_op& op);
  static bool may_end(const Pending& pending);
  void tell(Pending ended);
  void on_posted(std::uint64_t handle, asyncd_op& op) noexcept override;

  CompletionHandles completions_;
  const bool deferred_;
  RandomMessages& chance_;
  std::vector<Pending> pending_;
  bool stranded_ = false;        // a call had nothing more that would ever finish it
  std::size_t kept_pieces_ = 0;  // of the memory of calls that have ended
  std::mutex mutex_;
  std::condition_variable condition_;
  std::uint64_t posted_ = 0;  // the last one that was waited for
};

}  // namespace asyncd
