// Makes chosen allocations fail, and tells what they hold: linking failing_new.cpp replaces
// operator new. Only what a thread allocates while it is told to count is counted, and may fail.
// Each thread has counts of its own.
#pragma once

#include <cstddef>
#include <cstdint>

namespace asyncd::test {

// From now on the count begins at 0 again, and allocation `number` of it (1 is the first) is
// std::bad_alloc; 0: none.
void fail_allocation(std::uint64_t number);

std::uint64_t allocations_counted();
bool allocation_failed();  // it has come to that one

// Bytes of counted allocations that have not been freed yet.
std::size_t bytes_held();

// Counting is on, or off, until the end of the scope.
class CountAllocations {
 public:
  explicit CountAllocations(bool on);
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;

 private:
  bool before_;
};

}  // namespace asyncd::test
