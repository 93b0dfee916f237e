// BasicOperations: what operations of every kind have in common: the rules of asyncd.h, and what
// calls hold while they last.
#pragma once

#include "core/operations/completion_handles.h"
#include "core/operations/upstream.h"

namespace asyncd {

class BasicOperations : public Operations, private CompletionObserver {
 public:
  explicit BasicOperations(CompletionHandles& completions) : completions_(completions) {}

  std::uint64_t open_ticket(AsyncCall& call) noexcept final;
  void release(AsyncCall& call) noexcept override;

 protected:
  // Whether `op` is such that it can begin; else the call is broken.
  bool check(AsyncCall& call, const asyncd_op& op) const;

  // A handle in the call's name; std::bad_alloc.
  std::uint64_t add_handle(AsyncCall& call);
  CompletionHandles& completions() { return completions_; }

 private:
  CompletionHandles& completions_;
};

}  // namespace asyncd
