// Lookup: a name's addresses, found by the offload pool. That may take longer than anybody wants to wait, and cannot be
// stopped once it has begun; so whoever has asked may forget it at any time.
#pragma once

#include <memory>
#include <vector>

#include "core/io/offload_pool.h"
#include "core/net/connect.h"

namespace asyncd {

class Lookup {
 public:
  explicit Lookup(Address address) : address_(std::move(address)) {}
  virtual ~Lookup() = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  // False: there is neither a thread nor memory for it. OffloadPool::withdraw takes it by its address.
  static bool begin(OffloadPool& pool, std::shared_ptr<Lookup> lookup) noexcept;

  std::vector<Endpoint> endpoints;  // once it has ended; empty: it has failed

 private:
  virtual void on_end() noexcept = 0;  // on the pool's thread; the last use of this by it

  void run() noexcept;

  const Address address_;
};

}  // namespace asyncd
