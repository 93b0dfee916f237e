// Byte buffers whose memory comes from a pool and goes back to it as soon as they are empty, so
// that an idle connection holds none. A pool and its buffers belong to one loop or thread; nothing
// here is thread-safe but what a MemoryBudget does with the pool's account. Memory that cannot be
// had is std::bad_alloc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/memory_budget.h"

namespace asyncd {

// Blocks of 64, 128, ... 1024 bytes, 2 KiB, 4 KiB, ... 1 MiB, kept for reuse up to `most_cached`
// bytes in all; larger ones are not kept. What it has from the system, lent or kept, is on its
// account.
class BufferPool {
 public:
  struct Block {
    char* data = nullptr;
    std::size_t capacity = 0;
  };

  static constexpr std::size_t default_cache = 4 << 20;
  static constexpr std::size_t least_cache = 64 << 10;  // of a loop without any connection
  explicit BufferPool(std::size_t most_cached = default_cache, MemoryBudget* budget = nullptr,
                      std::function<void()> wake = {})
      : account_(budget, std::move(wake)), most_cached_(most_cached) {}
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  Block acquire(std::size_t least);
  static std::size_t capacity_for(std::size_t least);  // of the block that acquire gives
  void release(Block block) noexcept;
  void trim(std::size_t most) noexcept;  // keeps no more than that for the moment

  MemoryAccount& account() { return account_; }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t class_count = 26;

  void free(void* block, std::size_t capacity) noexcept;

  MemoryAccount account_;
  std::array<Free*, class_count> free_{};
  std::size_t cached_ = 0;
  std::size_t most_cached_;
};

// A queue of bytes in one piece: filled at the end, consumed from the front.
class Buffer {
 public:
  static constexpr std::size_t smallest = 512;  // it will grow

  // More than any system has, and so little that the sum of a few sizes up to it cannot run over.
  static constexpr std::size_t most_bytes = SIZE_MAX / 4;

  explicit Buffer(BufferPool& pool) : pool_(&pool) {}
  ~Buffer() { clear(); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  BufferPool& pool() const { return *pool_; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  std::size_t capacity() const { return block_.capacity; }
  std::string_view view() const { return {block_.data + begin_, size()}; }

  // At least `least` bytes of room behind the content, which stays as it is if they cannot be had;
  // what lies in it becomes content by commit. The pointer, like every view, is good until the next
  // reserve, append, consume or clear.
  char* reserve(std::size_t least) {
    if (room() < least) make_room(least);
    return block_.data + end_;
  }
  std::size_t room() const { return block_.capacity - end_; }
  void commit(std::size_t bytes) { end_ += bytes; }
  void uncommit(std::size_t bytes) { end_ -= bytes; }

  void append(std::string_view bytes) {
    bytes.copy(reserve(bytes.size()), bytes.size());
    commit(bytes.size());
  }
  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (empty()) clear();
  }
  void clear() noexcept {
    if (block_.data != nullptr) pool_->release(block_);
    block_ = {};
    begin_ = end_ = 0;
  }

  // Both of one pool.
  void swap(Buffer& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

 private:
  void make_room(std::size_t least);

  BufferPool* pool_;
  BufferPool::Block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace asyncd
