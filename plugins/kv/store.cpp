#include "kv/store.h"

#include <algorithm>
#include <stdexcept>

namespace kv {
namespace {

// As many as make no difference any more; but each has room for a few of the largest items.
std::size_t shard_count(std::uint64_t memory, std::uint64_t largest) {
  constexpr std::uint64_t most = 64;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(memory / (4 * largest), 1, most));
}

}  // namespace

Store::Store(std::uint64_t memory, std::uint64_t longest_value)
    : memory_(memory), longest_value_(longest_value) {
  constexpr std::uint64_t most_value = std::uint64_t{1} << 30;
  if (longest_value < 1 || longest_value > most_value)
    throw std::invalid_argument("item_size must be from 1 byte to 1GiB");
  const std::uint64_t largest = Item::cost_of(longest_key, static_cast<std::size_t>(longest_value));
  if (memory < largest)
    throw std::invalid_argument("memory must have room for an item of item_size, and 1KiB");
  const std::size_t count = shard_count(memory, largest);
  for (std::size_t i = 0; i < count; ++i)
    shards_.emplace_back(static_cast<std::size_t>(memory / count),
                         static_cast<std::size_t>(longest_value));
}

void Store::flush(Time at, Time now) {
  for (Shard& shard : shards_) shard.flush(at, now);
}

Counts Store::counts() const {
  Counts all;
  for (const Shard& shard : shards_) all += shard.counts();
  return all;
}

Time expiry_at(std::int64_t given, Time now) {
  constexpr std::int64_t longest_span = 60 * 60 * 24 * 30;
  if (given == 0) return 0;
  if (given < 0) return 1;  // long ago
  return given <= longest_span ? now + given : given;
}

}  // namespace kv
