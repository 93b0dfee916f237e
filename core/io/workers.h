// Worker: a handler's state of one thread, made by its worker_create on the thread that runs the
// calls, and ended there. Workers: those of one thread: one for the service of the moment, and one
// for each older service that has connections left here. All of it on that thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/accept/hook_record.h"
#include "core/accept/service_slot.h"
#include "core/accept/stats.h"

namespace asyncd {

class Worker {
 public:
  explicit Worker(std::shared_ptr<const Service> service, HookRecord* record = nullptr);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool ok() const { return ok_; }  // false: worker_create has refused
  void* state() const { return state_; }
  const Service& service() const { return *service_; }

 private:
  friend class Workers;

  const std::shared_ptr<const Service> service_;
  HookRecord* const record_;
  void* state_ = nullptr;
  bool ok_ = false;
  std::size_t connections_ = 0;
};

class Workers {
 public:
  // `record` is that of the thread, where it has one.
  explicit Workers(const ServiceSlot& services, HookRecord* record = nullptr)
      : services_(services), record_(record) {}

  // A connection's hold on its worker, or why it cannot have one.
  class Place {
   public:
    Place(Workers& workers, Worker* worker) : workers_(&workers), worker_(worker) {
      if (worker_ != nullptr) ++worker_->connections_;
    }
    Place(Place&& other) noexcept
        : workers_(other.workers_), worker_(std::exchange(other.worker_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (worker_ != nullptr) workers_->leave(*worker_);
    }

    bool ok() const { return worker_ != nullptr && worker_->ok(); }
    RejectReason why() const {
      return worker_ == nullptr ? RejectReason::no_memory : RejectReason::no_worker;
    }
    Worker& worker() const { return *worker_; }

   private:
    Workers* workers_;
    Worker* worker_;
  };

  // With a worker made where the service has none here yet.
  Place enter(const std::shared_ptr<const Service>& service) {
    return {*this, worker_for(service)};
  }

  // Gets a worker ready for the service of the moment, and ends those that are no longer needed.
  void refresh();
  void clear() { workers_.clear(); }  // at the thread's end

 private:
  void leave(Worker& worker);
  Worker* worker_for(const std::shared_ptr<const Service>& service);

  const ServiceSlot& services_;
  HookRecord* const record_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace asyncd
