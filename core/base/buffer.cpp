#include "core/base/buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace asyncd {

namespace {

constexpr std::size_t step = 64;
constexpr std::size_t last_by_steps = 1024;  // from there on they double
constexpr std::size_t classes_by_steps = last_by_steps / step;

// The class whose blocks hold `bytes`: 0 for the smallest.
constexpr std::size_t class_of(std::size_t bytes) {
  if (bytes <= last_by_steps) return (std::max<std::size_t>(bytes, 1) - 1) / step;
  return classes_by_steps + static_cast<std::size_t>(std::bit_width((bytes - 1) / last_by_steps)) -
         1;
}

constexpr std::size_t capacity_of(std::size_t index) {
  return index < classes_by_steps ? (index + 1) * step
                                  : last_by_steps << (index - classes_by_steps + 1);
}

}  // namespace

BufferPool::~BufferPool() { trim(0); }

void BufferPool::free(void* block, std::size_t capacity) noexcept {
  ::operator delete(block);
  account_.give(capacity);
}

// Large ones first: they come back by one allocation.
void BufferPool::trim(std::size_t most) noexcept {
  for (std::size_t index = class_count; index-- > 0 && cached_ > most;) {
    while (cached_ > most && free_[index] != nullptr) {
      cached_ -= capacity_of(index);
      free(std::exchange(free_[index], free_[index]->next), capacity_of(index));
    }
  }
}

BufferPool::Block BufferPool::acquire(std::size_t least) {
  const std::size_t index = class_of(least);
  const std::size_t capacity = capacity_of(index);
  if (index < class_count && free_[index] != nullptr) {
    Free* block = std::exchange(free_[index], free_[index]->next);
    cached_ -= capacity;
    return {reinterpret_cast<char*>(block), capacity};
  }
  const Block block{static_cast<char*>(::operator new(capacity)), capacity};
  account_.take(capacity);
  return block;
}

std::size_t BufferPool::capacity_for(std::size_t least) { return capacity_of(class_of(least)); }

void BufferPool::release(Block block) noexcept {
  static_assert(class_of(std::size_t{1} << 20) + 1 == class_count);
  const std::size_t index = class_of(block.capacity);
  const bool is_large = block.capacity >= MemoryHoldings::least;
  if (index >= class_count || cached_ + block.capacity > most_cached_ ||
      (is_large && account_.is_short())) {
    free(block.data, block.capacity);
    return;
  }
  free_[index] = ::new (block.data) Free{free_[index]};
  cached_ += block.capacity;
}

void Buffer::make_room(std::size_t least) {
  if (least > most_bytes) throw std::bad_alloc();
  // Moving what is left to the front is cheap when it is no more than what was consumed.
  if (begin_ >= size() && block_.capacity - size() >= least) {
    std::memmove(block_.data, block_.data + begin_, size());
  } else {
    const BufferPool::Block larger =
        pool_->acquire(std::max({size() + least, 2 * size(), smallest}));
    if (block_.data != nullptr) {
      std::memcpy(larger.data, block_.data + begin_, size());
      pool_->release(block_);
    }
    block_ = larger;
  }
  end_ = size();
  begin_ = 0;
}

}  // namespace asyncd
