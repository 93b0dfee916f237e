// SendBuffer: bytes on their way out. What is being sent stays in place until all of it has gone,
// while more is added behind it. Belongs to one thread, as its pool does.
#pragma once

#include <string_view>

#include "core/base/buffer.h"
#include "core/base/require.h"

namespace asyncd {

class SendBuffer {
 public:
  explicit SendBuffer(BufferPool& pool) : front_(pool), back_(pool) {}

  // Stays in place until on_sent has acknowledged all of it.
  std::string_view pending() {
    if (front_.empty()) front_.swap(back_);
    return front_.view();
  }
  void on_sent(std::size_t bytes) {
    ASYNCD_REQUIRE(bytes <= front_.size(), "no more is acknowledged than was pending");
    front_.consume(bytes);
  }

  Buffer& back() { return back_; }  // where bytes are added
  const Buffer& back() const { return back_; }

  bool empty() const { return front_.empty() && back_.empty(); }
  std::size_t size() const { return front_.size() + back_.size(); }
  std::size_t capacity() const { return front_.capacity() + back_.capacity(); }
  void clear() {
    front_.clear();
    back_.clear();
  }

 private:
  Buffer front_;  // in flight
  Buffer back_;   // being filled
};

}  // namespace asyncd
