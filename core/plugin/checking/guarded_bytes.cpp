#include "core/plugin/checking/guarded_bytes.h"

#include <algorithm>
#include <cstring>

namespace asyncd {

namespace {

constexpr char fresh = '\xcd';  // a handler that relies on what a window holds finds this
constexpr std::size_t most_kept = 64 << 10;

bool all_are(char byte, const char* begin, std::size_t size) {
  return size == 0 || (*begin == byte && std::memcmp(begin, begin + 1, size - 1) == 0);
}

}  // namespace

char* GuardedBytes::lend(std::size_t size) {
  size_ = size;
  if (bytes_.size() < size + 2 * guard_size) bytes_.resize(size + 2 * guard_size);
  std::memset(bytes_.data(), guard, guard_size);
  std::memset(data(), fresh, size);
  std::memset(data() + size, guard, guard_size);
  return data();
}

GuardedBytes::Damage GuardedBytes::damage() const {
  const char* const front = bytes_.data();
  const char* const back = front + guard_size + size_;
  if (!all_are(guard, front, last_bytes) ||
      !all_are(guard, back + guard_size - last_bytes, last_bytes))
    return Damage::beyond;
  if (!all_are(guard, front, guard_size)) return Damage::before;
  return all_are(guard, back, guard_size) ? Damage::none : Damage::behind;
}

void GuardedBytes::take_back() {
  if (size_ > most_kept) {
    size_ = 0;
    bytes_ = std::vector<char>(2 * guard_size, over);
  }
  std::memset(bytes_.data(), over, size_ + 2 * guard_size);
}

bool GuardedBytes::written_since() const {
  return !all_are(over, bytes_.data(), size_ + 2 * guard_size);
}

}  // namespace asyncd
