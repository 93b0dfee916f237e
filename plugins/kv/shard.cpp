#include "kv/shard.h"

#include <charconv>
#include <system_error>
#include <utility>

namespace kv {

std::size_t Item::cost_of(std::size_t key, std::size_t value) {
  constexpr std::size_t table_and_list = 96;
  return sizeof(Item) + table_and_list + key + value;
}

Counts& Counts::operator+=(const Counts& other) {
  constexpr std::uint64_t Counts::*all[] = {
      &Counts::get_hits,   &Counts::get_misses,  &Counts::sets,          &Counts::touches,
      &Counts::flushes,    &Counts::delete_hits, &Counts::delete_misses, &Counts::increments,
      &Counts::cas_misses, &Counts::cas_hits,    &Counts::cas_bad,       &Counts::stored,
      &Counts::evictions,  &Counts::items,       &Counts::bytes};
  for (const auto each : all) this->*each += other.*each;
  return *this;
}

void Shard::get(std::string_view key, Time now, const std::function<void(const Item&)>& show) {
  const std::lock_guard lock(mutex_);
  const auto found = find(key, now);
  ++(found == items_.end() ? counts_.get_misses : counts_.get_hits);
  if (found == items_.end()) return;
  items_.splice(items_.begin(), items_, found);
  show(*found);
}

Stored Shard::store(const Command& command, std::string_view value, Time expiry, Time now) {
  const std::lock_guard lock(mutex_);
  ++counts_.sets;
  const auto old = find(command.key, now);
  if (const Stored why = check(command, old); why != Stored::stored) return why;
  Item item{std::string(command.key), {}, command.flags, expiry, now, ++last_version_};
  if (command.verb == Verb::append || command.verb == Verb::prepend) {
    item.flags = old->flags;
    item.expiry = old->expiry;
    if (old->value.size() + value.size() > longest_value_) return Stored::too_large;
    const bool behind = command.verb == Verb::append;
    item.value.reserve(old->value.size() + value.size());
    item.value.append(behind ? std::string_view(old->value) : value)
        .append(behind ? value : old->value);
  } else {
    item.value = value;
  }
  put(std::move(item), old);
  ++counts_.stored;
  return Stored::stored;
}

Stored Shard::check(const Command& command, Items::iterator found) {
  const bool there = found != items_.end();
  switch (command.verb) {
    case Verb::add:
      return there ? Stored::not_stored : Stored::stored;
    case Verb::cas:
      if (!there) {
        ++counts_.cas_misses;
        return Stored::not_found;
      }
      if (found->version != command.number) {
        ++counts_.cas_bad;
        return Stored::exists;
      }
      ++counts_.cas_hits;
      return Stored::stored;
    case Verb::set:
      return Stored::stored;
    default:
      return there ? Stored::stored : Stored::not_stored;
  }
}

bool Shard::remove(std::string_view key, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = find(key, now);
  ++(found == items_.end() ? counts_.delete_misses : counts_.delete_hits);
  if (found == items_.end()) return false;
  drop(found);
  return true;
}

bool Shard::touch(std::string_view key, Time expiry, Time now) {
  const std::lock_guard lock(mutex_);
  ++counts_.touches;
  const auto found = find(key, now);
  if (found == items_.end()) return false;
  found->expiry = expiry;
  items_.splice(items_.begin(), items_, found);
  return true;
}

Added Shard::add(const Command& command, Time now, std::uint64_t& result) {
  const std::lock_guard lock(mutex_);
  ++counts_.increments;
  const auto found = find(command.key, now);
  if (found == items_.end()) return Added::not_found;
  const char* const end = found->value.data() + found->value.size();
  std::uint64_t number = 0;
  const auto [read_to, wrong] = std::from_chars(found->value.data(), end, number);
  if (wrong != std::errc() || read_to != end) return Added::not_a_number;
  if (command.verb == Verb::increment)
    number += command.number;  // past the largest it begins anew, as memcached's does
  else
    number -= number < command.number ? number : command.number;
  Item item = *found;
  item.value = std::to_string(number);
  item.version = ++last_version_;
  put(std::move(item), found);
  result = number;
  return Added::added;
}

void Shard::flush(Time at, Time now) {
  const std::lock_guard lock(mutex_);
  ++counts_.flushes;
  flush_at_ = at > now ? at : 0;
  while (at <= now && !items_.empty()) drop(items_.begin());
}

Counts Shard::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Shard::Items::iterator Shard::find(std::string_view key, Time now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return items_.end();
  const Item& item = *found->second;
  const bool expired = item.expiry != 0 && item.expiry <= now;
  const bool flushed = flush_at_ != 0 && flush_at_ <= now && item.stored < flush_at_;
  if (!expired && !flushed) return found->second;
  drop(found->second);
  return items_.end();
}

void Shard::put(Item item, Items::iterator old) {
  items_.push_front(std::move(item));
  const auto added = items_.begin();
  try {
    // Its key is seen through the item, so the old entry's key must not outlive the old item.
    if (old != items_.end()) drop(old);
    by_key_.emplace(added->key, added);
  } catch (...) {
    items_.pop_front();
    throw;
  }
  ++counts_.items;
  counts_.bytes += added->cost();
  while (counts_.bytes > memory_ && items_.size() > 1) {
    drop(std::prev(items_.end()));
    ++counts_.evictions;
  }
}

void Shard::drop(Items::iterator item) {
  --counts_.items;
  counts_.bytes -= item->cost();
  by_key_.erase(item->key);
  items_.erase(item);
}

}  // namespace kv
