// A part of the store with a lock of its own.
//
// Role: items by their keys, in the order of their last use; the one that was not used for longest
// goes when memory is needed. Thread: any; each function holds the lock. Ownership: the items'
// bytes. Errors: values; std::bad_alloc, after which the key has no item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kv/command.h"

namespace kv {

// Seconds, as of the system's clock. An item with the expiry 0 has none.
using Time = std::int64_t;

struct Item {
  std::string key;
  std::string value;
  std::uint32_t flags = 0;
  Time expiry = 0;
  Time stored = 0;
  std::uint64_t version = 0;

  // With what the list and the table need for it, or about that.
  std::size_t cost() const { return cost_of(key.size(), value.size()); }
  static std::size_t cost_of(std::size_t key, std::size_t value);
};

struct Counts {
  std::uint64_t get_hits = 0, get_misses = 0, sets = 0, touches = 0, flushes = 0, delete_hits = 0,
                delete_misses = 0;
  std::uint64_t increments = 0, cas_misses = 0, cas_hits = 0, cas_bad = 0, stored = 0,
                evictions = 0;
  std::uint64_t items = 0, bytes = 0;

  Counts& operator+=(const Counts& other);
};

enum class Stored { stored, not_stored, exists, not_found, too_large };
enum class Added { added, not_found, not_a_number };

class Shard {
 public:
  Shard(std::size_t memory, std::size_t longest_value)
      : memory_(memory), longest_value_(longest_value) {}

  // Shows the item, if there is one, under the lock.
  void get(std::string_view key, Time now, const std::function<void(const Item&)>& show);
  // One of the verbs that store.
  Stored store(const Command& command, std::string_view value, Time expiry, Time now);
  bool remove(std::string_view key, Time now);
  bool touch(std::string_view key, Time expiry, Time now);
  Added add(const Command& command, Time now, std::uint64_t& result);
  // What was stored before that time is gone from then on.
  void flush(Time at, Time now);
  Counts counts() const;

 private:
  using Items = std::list<Item>;

  Items::iterator find(std::string_view key, Time now);
  Stored check(const Command& command, Items::iterator found);
  void put(Item item, Items::iterator old);
  void drop(Items::iterator item);

  mutable std::mutex mutex_;
  const std::size_t memory_;
  const std::size_t longest_value_;
  Items items_;  // the last used first
  std::unordered_map<std::string_view, Items::iterator> by_key_;
  Time flush_at_ = 0;
  std::uint64_t last_version_ = 0;
  Counts counts_;
};

}  // namespace kv
