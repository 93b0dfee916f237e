// Lookup: a name's addresses, found by a thread of its own kind. That may take long, and cannot be
// stopped once it has begun; so the call that asked may forget it at any time, and no thread waits
// for these threads, not even at the process's end. They serve nothing else:
// a name server that is dead holds up names alone.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/net/connect.h"

namespace asyncd {

class Lookup {
 public:
  explicit Lookup(Address address) : address_(std::move(address)) {}
  virtual ~Lookup() = default;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  // False: there is neither a thread nor memory for it.
  static bool begin(std::shared_ptr<Lookup> lookup) noexcept;

  void forget() {
    forgotten_ = true;
  }  // a lookup that has not begun is skipped; on_end follows anyway

  std::vector<Endpoint> endpoints;  // once it has ended; empty: it has failed

 private:
  friend class LookupThreads;

  virtual void on_end() noexcept = 0;  // on its thread, and that one's last use of this

  void run() noexcept;

  const Address address_;
  std::atomic<bool> forgotten_{false};
};

}  // namespace asyncd
