// All items: shards, so that threads which use different keys seldom wait for each other.
//
// Thread: any. Ownership: of the shards. Errors: as of Shard; the constructor throws
// std::invalid_argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "kv/shard.h"

namespace kv {

class Store {
 public:
  // Room for `memory` bytes of items, each with a value of at most `longest_value`.
  Store(std::uint64_t memory, std::uint64_t longest_value);

  Shard& shard_of(std::string_view key) {
    return shards_[std::hash<std::string_view>()(key) % shards_.size()];
  }
  void flush(Time at, Time now);
  Counts counts() const;
  std::uint64_t memory() const { return memory_; }
  std::uint64_t longest_value() const { return longest_value_; }

 private:
  const std::uint64_t memory_;
  const std::uint64_t longest_value_;
  std::deque<Shard> shards_;  // which do not move
};

// When an item ends that is stored now: a time of up to 30 days counts from now, what is more is a
// time of the clock.
Time expiry_at(std::int64_t given, Time now);

}  // namespace kv
