#include "core/base/buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace asyncd {

namespace {

// The class whose blocks hold `bytes`: 0 for the smallest.
std::size_t class_of(std::size_t bytes, std::size_t smallest_shift) {
  const auto width = static_cast<std::size_t>(std::bit_width(bytes - 1));
  return width <= smallest_shift ? 0 : width - smallest_shift;
}

}  // namespace

BufferPool::~BufferPool() {
  for (Free* head : free_)
    while (head != nullptr) ::operator delete(std::exchange(head, head->next));
}

BufferPool::Block BufferPool::acquire(std::size_t least) {
  const std::size_t index = class_of(std::max<std::size_t>(least, 1), smallest_shift);
  const std::size_t capacity = std::size_t{1} << (index + smallest_shift);
  if (index < class_count && free_[index] != nullptr) {
    Free* block = std::exchange(free_[index], free_[index]->next);
    cached_ -= capacity;
    return {reinterpret_cast<char*>(block), capacity};
  }
  return {static_cast<char*>(::operator new(capacity)), capacity};
}

std::size_t BufferPool::capacity_for(std::size_t least) {
  return std::size_t{1} << (class_of(std::max<std::size_t>(least, 1), smallest_shift) + smallest_shift);
}

void BufferPool::release(Block block) noexcept {
  const std::size_t index = class_of(block.capacity, smallest_shift);
  if (index >= class_count || cached_ + block.capacity > most_cached_) {
    ::operator delete(block.data);
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
    const BufferPool::Block larger = pool_->acquire(std::max(size() + least, 2 * size()));
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
