// ServiceSlot: the service that a listener's new connections get. A reload puts another one in its place; those who
// have taken the one before keep it. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "core/session/service.h"

namespace asyncd {

class ServiceSlot {
 public:
  explicit ServiceSlot(std::shared_ptr<const Service> service) { put(std::move(service)); }

  std::shared_ptr<const Service> get() const {
    const std::lock_guard lock(mutex_);
    return service_;
  }

  bool holds(const Service& service) const { return &service == held_.load(std::memory_order_acquire); }

  void put(std::shared_ptr<const Service> service) {
    const std::lock_guard lock(mutex_);
    held_.store(service.get(), std::memory_order_release);
    service_.swap(service);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Service> service_;
  std::atomic<const Service*> held_{nullptr};
};

}  // namespace asyncd
