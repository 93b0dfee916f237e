// Worker: a handler's state of one thread, made by its worker_create on the thread that runs the calls, and ended
// there.
#pragma once

#include "core/session/service.h"

namespace asyncd {

class Worker {
 public:
  explicit Worker(const Service& service)
      : service_(service), ok_(succeeds(service.hooks->worker_create, service.self, &state_)) {}
  ~Worker() {
    if (ok_) call_quietly(service_.hooks->worker_destroy, service_.self, state_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool ok() const { return ok_; }
  void* state() const { return state_; }

 private:
  const Service& service_;
  void* state_ = nullptr;
  const bool ok_;
};

}  // namespace asyncd
