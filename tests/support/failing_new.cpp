#include "tests/support/failing_new.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace asyncd::test {

namespace {

thread_local bool counting = false;
thread_local std::uint64_t counted = 0;
thread_local std::uint64_t failing = 0;

}  // namespace

void fail_allocation(std::uint64_t number) { counted = 0, failing = number; }

std::uint64_t allocations_counted() { return counted; }

bool allocation_failed() { return failing != 0 && counted >= failing; }

CountAllocations::CountAllocations(bool on) : before_(std::exchange(counting, on)) {}

CountAllocations::~CountAllocations() { counting = before_; }

}  // namespace asyncd::test

void* operator new(std::size_t size) {
  using namespace asyncd::test;
  if (counting && ++counted == failing) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
