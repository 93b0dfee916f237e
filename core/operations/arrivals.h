// Arrivals: what other threads have ended for the operations of a loop, on its way there. Nothing
// is allocated for it, so nothing can be lost. Any thread adds; the loop's thread takes, and ends
// it.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>

#include "core/base/deadline_wheel.h"
#include "core/operations/lookup.h"
#include "core/operations/reactor.h"
#include "core/session/async_call.h"

namespace asyncd {

struct NameLookup;

inline constexpr std::int32_t under_way = -1;   // as an operation's result: it has none yet
inline constexpr std::int32_t work_threw = -1;  // as its error, until its loop has heard of it

// What is in an operation's host_words while it is under way, and until it has been told.
struct Pending : DeadlineWheel::Node {
  explicit Pending(AsyncCall& its_call) : call(&its_call) {}

  AsyncCall* call;
  asyncd_op* next = nullptr;  // of the call's
  union {
    // in the list of those that have arrived, then of those that have ended
    asyncd_op* follower = nullptr;
    NameLookup* lookup;  // of a connect
  };

  static Pending& of(asyncd_op& op) {
    return *std::launder(reinterpret_cast<Pending*>(op.host_words));
  }
  asyncd_op& op() {
    return *reinterpret_cast<asyncd_op*>(reinterpret_cast<char*>(this) -
                                         offsetof(asyncd_op, host_words));
  }
};
static_assert(sizeof(Pending) <= sizeof(asyncd_op::host_words));

class Arrivals {
 public:
  explicit Arrivals(Reactor& reactor) : reactor_(&reactor) {}

  void add(asyncd_op& op) noexcept;  // as long as the loop runs
  void add(std::shared_ptr<NameLookup> lookup) noexcept;

  struct Taken {
    asyncd_op* first = nullptr;  // Pending::follower has the next
    std::shared_ptr<NameLookup> lookups;
  };
  Taken take() noexcept;  // after the reactor has been woken
  void end() noexcept;    // the loop is gone

 private:
  void wake_for_first() noexcept;

  std::mutex mutex_;
  Reactor* reactor_;  // null: gone
  asyncd_op* first_ = nullptr;
  asyncd_op* last_ = nullptr;
  std::shared_ptr<NameLookup> lookups_;
};

// The lookup of a connect's name. It may arrive when the connect is long over, or the loop.
struct NameLookup final : Lookup, std::enable_shared_from_this<NameLookup> {
  NameLookup(Address address, asyncd_op& its_op, std::shared_ptr<Arrivals> where)
      : Lookup(std::move(address)), op(&its_op), arrivals(std::move(where)) {}

  void on_end() noexcept override { arrivals->add(shared_from_this()); }

  asyncd_op* op;  // the loop's; null: given up
  const std::shared_ptr<Arrivals> arrivals;
  std::shared_ptr<NameLookup> next;
};

}  // namespace asyncd
