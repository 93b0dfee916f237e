// OperationMemory: the memory of one pending asynchronous operation, inside what it belongs to, so
// that starting one never allocates. A second operation at the same time, or a larger one, falls
// back to the heap. Used by Asio through a handler's associated allocator; on the loop's thread
// only.
#pragma once

#include <cstddef>
#include <new>

namespace asyncd {

class OperationMemory {
 public:
  OperationMemory() = default;
  OperationMemory(const OperationMemory&) = delete;
  OperationMemory& operator=(const OperationMemory&) = delete;

  void* allocate(std::size_t bytes) {
    if (in_use_ || bytes > sizeof storage_) return ::operator new(bytes);
    in_use_ = true;
    return storage_;
  }
  void deallocate(void* memory) noexcept {
    if (memory == storage_)
      in_use_ = false;
    else
      ::operator delete(memory);
  }

 private:
  alignas(std::max_align_t) std::byte storage_[144];  // a read of the proactor, on every system
  bool in_use_ = false;
};

template <class T>
struct OperationAllocator {
  using value_type = T;

  explicit OperationAllocator(OperationMemory& owner) noexcept : memory(&owner) {}
  template <class U>
  OperationAllocator(const OperationAllocator<U>& other) noexcept : memory(other.memory) {}

  T* allocate(std::size_t count) { return static_cast<T*>(memory->allocate(count * sizeof(T))); }
  void deallocate(T* pointer, std::size_t) noexcept { memory->deallocate(pointer); }

  template <class U>
  bool operator==(const OperationAllocator<U>& other) const noexcept {
    return memory == other.memory;
  }

  OperationMemory* memory;
};

// What Asio calls once an operation is complete, with the operation's memory.
template <class Call>
struct Completion {
  using allocator_type = OperationAllocator<std::byte>;

  allocator_type get_allocator() const noexcept { return allocator_type(*memory); }
  template <class... Results>
  void operator()(Results... results) {
    call(results...);
  }

  OperationMemory* memory;
  Call call;
};
template <class Call>
Completion(OperationMemory*, Call) -> Completion<Call>;

}  // namespace asyncd
