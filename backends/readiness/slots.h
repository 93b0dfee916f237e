// Slots: small numbers that a socket set gives to its sockets, each with what the set notes of it.
// One thread.
#pragma once

#include <cstddef>
#include <vector>

namespace asyncd {

template <class Slot>
class Slots {
 public:
  Slot& operator[](std::size_t slot) { return slots_[slot]; }
  std::size_t size() const { return slots_.size(); }

  // A slot that is free. It is in use once take has been called. std::bad_alloc: nothing has
  // changed.
  std::size_t next() {
    if (free_.empty()) grow();
    return free_.back();
  }
  void take() noexcept { free_.pop_back(); }
  void give_back(std::size_t slot) noexcept { free_.push_back(slot); }  // has room for all

 private:
  void grow() {
    const std::size_t count = 2 * slots_.size() + 16;
    free_.reserve(count);
    slots_.reserve(count);
    while (slots_.size() < count) {
      free_.push_back(slots_.size());
      slots_.emplace_back();
    }
  }

  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
};

}  // namespace asyncd
