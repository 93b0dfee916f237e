// ServiceSlot: the service that a listener's new connections get. A reload puts another one in its
// place. Connections keep the service that they began with until it is retired: then each ends as
// soon as nothing is under way on it. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
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

  bool holds(const Service& service) const {
    return &service == held_.load(std::memory_order_acquire);
  }

  bool has_retired(const Service& service) const {
    return service.number <= last_retired_.load(std::memory_order_acquire);
  }
  void retire(const Service& last) {
    last_retired_.store(last.number, std::memory_order_release);
  }  // and all before it

  void put(std::shared_ptr<const Service> service) {
    const std::lock_guard lock(mutex_);
    held_.store(service.get(), std::memory_order_release);
    service_.swap(service);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Service> service_;
  std::atomic<const Service*> held_{nullptr};
  std::atomic<std::uint64_t> last_retired_{0};
};

}  // namespace asyncd
