#include "tests/support/failing_new.h"

#include <array>
#include <cstdlib>
#include <new>
#include <utility>

namespace asyncd::test {

namespace {

thread_local bool counting = false;
thread_local std::uint64_t counted = 0;
thread_local std::uint64_t failing = 0;

// The counted allocations that are held: a table with open addressing, since it cannot allocate.
class Held {
 public:
  void add(void* memory, std::size_t size) {
    if (entries_ + 1 == table_.size()) return;  // what does not fit is not told of
    std::size_t i = place(memory);
    while (table_[i].memory != nullptr) i = following(i);
    table_[i] = {memory, size};
    ++entries_;
    bytes_ += size;
  }

  void remove(void* memory) {
    if (entries_ == 0) return;
    std::size_t i = place(memory);
    while (table_[i].memory != nullptr && table_[i].memory != memory) i = following(i);
    if (table_[i].memory == nullptr) return;
    --entries_;
    bytes_ -= table_[i].size;
    close_gap(i);
  }

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    void* memory;
    std::size_t size;
  };

  std::size_t place(void* memory) const {
    return (reinterpret_cast<std::uintptr_t>(memory) >> 4) % table_.size();
  }
  std::size_t following(std::size_t i) const { return (i + 1) % table_.size(); }

  // An entry that was put further on because `gap` was taken moves up.
  void close_gap(std::size_t gap) {
    for (std::size_t i = following(gap); table_[i].memory != nullptr; i = following(i)) {
      const std::size_t distance = (i + table_.size() - place(table_[i].memory)) % table_.size();
      if (distance < (i + table_.size() - gap) % table_.size()) continue;
      table_[gap] = table_[i];
      gap = i;
    }
    table_[gap] = {};
  }

  std::array<Entry, 1024> table_{};
  std::size_t entries_ = 0;
  std::size_t bytes_ = 0;
};

thread_local Held held;

}  // namespace

void fail_allocation(std::uint64_t number) {
  counted = 0;
  failing = number;
}

std::uint64_t allocations_counted() { return counted; }

bool allocation_failed() { return failing != 0 && counted >= failing; }

std::size_t bytes_held() { return held.bytes(); }

CountAllocations::CountAllocations(bool on) : before_(std::exchange(counting, on)) {}

CountAllocations::~CountAllocations() { counting = before_; }

}  // namespace asyncd::test

void* operator new(std::size_t size) {
  using namespace asyncd::test;
  if (counting && ++counted == failing) throw std::bad_alloc();
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  if (counting) held.add(memory, size);
  return memory;
}
void operator delete(void* memory) noexcept {
  asyncd::test::held.remove(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { ::operator delete(memory); }
