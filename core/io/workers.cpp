#include "core/io/workers.h"

#include <algorithm>
#include <new>

#include "core/log/log.h"

namespace asyncd {

Worker::Worker(std::shared_ptr<const Service> service, HookRecord* record)
    : service_(std::move(service)), record_(record) {
  const InHook in_hook(record_, *service_);
  ok_ = succeeds(service_->hooks->worker_create, service_->self, &state_);
}

Worker::~Worker() {
  const InHook in_hook(record_, *service_);
  if (ok_) call_quietly(service_->hooks->worker_destroy, service_->self, state_);
}

// Null: there is no memory for one; the next connection tries again.
Worker* Workers::worker_for(const std::shared_ptr<const Service>& service) {
  for (const auto& worker : workers_)
    if (&worker->service() == service.get()) return worker.get();
  try {
    workers_.reserve(workers_.size() + 1);
    workers_.push_back(std::make_unique<Worker>(service, record_));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return workers_.back().get();
}

namespace {

void tell_refused(const Service& service) {
  static log::RateLimit limit;  // each thread has a worker
  std::uint64_t suppressed = 0;
  if (limit.allow(Clock::now(), suppressed))
    log::error(
        "worker_refused",
        "a thread cannot serve any client: the handler's worker_create has refused",
        {{"handler", service.handler_name}, log::Field::unless_zero("suppressed", suppressed)});
}

}  // namespace

void Workers::refresh() {
  const std::size_t before = workers_.size();
  const Worker* const newest = worker_for(services_.get());
  if (workers_.size() != before && !newest->ok()) tell_refused(newest->service());
  std::erase_if(workers_, [this](const auto& worker) {
    return worker->connections_ == 0 && !services_.holds(worker->service());
  });
}

void Workers::leave(Worker& worker) {
  if (--worker.connections_ != 0 || services_.holds(worker.service())) return;
  std::erase_if(workers_, [&](const auto& one) { return one.get() == &worker; });
}

}  // namespace asyncd
