#include "core/io/workers.h"

#include <algorithm>
#include <new>

namespace asyncd {

Worker::Worker(std::shared_ptr<const Service> service)
    : service_(std::move(service)), ok_(succeeds(service_->hooks->worker_create, service_->self, &state_)) {}

Worker::~Worker() {
  if (ok_) call_quietly(service_->hooks->worker_destroy, service_->self, state_);
}

// Null: there is no memory for one; the next connection tries again.
Worker* Workers::worker_for(const std::shared_ptr<const Service>& service) {
  for (const auto& worker : workers_)
    if (&worker->service() == service.get()) return worker.get();
  try {
    workers_.reserve(workers_.size() + 1);
    workers_.push_back(std::make_unique<Worker>(service));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return workers_.back().get();
}

void Workers::refresh() {
  worker_for(services_.get());
  std::erase_if(workers_, [this](const auto& worker) {
    return worker->connections_ == 0 && !services_.holds(worker->service());
  });
}

void Workers::leave(Worker& worker) {
  if (--worker.connections_ != 0 || services_.holds(worker.service())) return;
  std::erase_if(workers_, [&](const auto& one) { return one.get() == &worker; });
}

}  // namespace asyncd
