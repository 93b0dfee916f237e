// Winsock's fd_set is a count and a list of handles, and select takes one of any length: so the
// lists are our own.
#include <winsock2.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "backends/readiness/select_set.h"

namespace asyncd {

namespace {

constexpr std::size_t most_sockets_of_a_set = 8192;

// As fd_set, but longer.
struct SocketList {
  u_int count = 0;
  SOCKET sockets[most_sockets_of_a_set];
};
static_assert(offsetof(SocketList, sockets) == offsetof(fd_set, fd_array));

fd_set* as_fd_set(SocketList& list) {
  return list.count != 0 ? reinterpret_cast<fd_set*>(&list) : nullptr;
}

struct Entry {
  SOCKET socket = INVALID_SOCKET;
  Ready wanted, ready;
};

}  // namespace

struct SelectSet::Sets {
  Sets() {
    entries.reserve(most_sockets_of_a_set);
    free_slots.reserve(most_sockets_of_a_set);
    ready.reserve(most_sockets_of_a_set);
  }

  std::vector<Entry> entries;  // by slot
  std::vector<std::size_t> free_slots;
  std::unordered_map<SOCKET, std::size_t> slots;
  std::vector<std::size_t> ready;  // slots that next_ready has still to tell
  // select reports a failed connect in the last of these only
  SocketList readable, writable, failed;

  void collect(const SocketList& list, bool Ready::*kind) {
    for (u_int i = 0; i < list.count; ++i) {
      const std::size_t slot = slots.at(list.sockets[i]);
      Entry& entry = entries[slot];
      if (!entry.ready.readable && !entry.ready.writable) ready.push_back(slot);
      entry.ready.*kind = true;
    }
  }
};

SelectSet::SelectSet() : sets_(std::make_unique<Sets>()) {}
SelectSet::SelectSet(SelectSet&&) noexcept = default;
SelectSet::~SelectSet() = default;

std::uint64_t SelectSet::most_sockets() { return most_sockets_of_a_set; }

bool SelectSet::holds(NativeSocket) const {
  return !sets_->free_slots.empty() || sets_->entries.size() < most_sockets_of_a_set;
}

std::size_t SelectSet::add(NativeSocket socket, Watching) {
  Sets& sets = *sets_;
  const bool reused = !sets.free_slots.empty();
  const std::size_t slot = reused ? sets.free_slots.back() : sets.entries.size();
  sets.slots[static_cast<SOCKET>(socket)] = slot;  // may throw; nothing below does
  if (reused)
    sets.free_slots.pop_back();
  else
    sets.entries.emplace_back();
  sets.entries[slot] = {.socket = static_cast<SOCKET>(socket)};
  return slot;
}

void SelectSet::remove(std::size_t slot) {
  sets_->slots.erase(sets_->entries[slot].socket);
  sets_->entries[slot] = {};
  sets_->free_slots.push_back(slot);
}

bool SelectSet::want_readable(std::size_t slot) {
  sets_->entries[slot].wanted.readable = true;
  return false;
}
void SelectSet::want_writable(std::size_t slot) { sets_->entries[slot].wanted.writable = true; }
void SelectSet::unwant(std::size_t slot) {
  sets_->entries[slot].wanted = sets_->entries[slot].ready = {};
}

void SelectSet::wait(Duration longest) {
  Sets& sets = *sets_;
  sets.readable.count = sets.writable.count = sets.failed.count = 0;
  for (Entry& entry : sets.entries) {
    entry.ready = {};
    if (entry.wanted.readable) sets.readable.sockets[sets.readable.count++] = entry.socket;
    if (!entry.wanted.writable) continue;
    sets.writable.sockets[sets.writable.count++] = entry.socket;
    sets.failed.sockets[sets.failed.count++] = entry.socket;
  }
  sets.ready.clear();
  timeval limit{};
  if (longest != unlimited_time) {
    const auto micros =
        std::chrono::ceil<std::chrono::microseconds>(std::max(longest, Duration::zero())).count();
    limit = {static_cast<long>(std::min<long long>(micros / 1'000'000, 3600)),
             static_cast<long>(micros % 1'000'000)};
  }
  const int count = ::select(0, as_fd_set(sets.readable), as_fd_set(sets.writable),
                             as_fd_set(sets.failed), longest == unlimited_time ? nullptr : &limit);
  if (count <= 0) return;
  sets.collect(sets.readable, &Ready::readable);
  sets.collect(sets.writable, &Ready::writable);
  sets.collect(sets.failed, &Ready::writable);
}

bool SelectSet::next_ready(std::size_t& slot, Ready& ready) {
  Sets& sets = *sets_;
  while (!sets.ready.empty()) {
    slot = sets.ready.back();
    sets.ready.pop_back();
    Entry& entry = sets.entries[slot];
    ready = std::exchange(entry.ready, {});
    if (ready.readable) entry.wanted.readable = false;
    if (ready.writable) entry.wanted.writable = false;
    if (ready.readable || ready.writable) return true;  // else it has gone meanwhile
  }
  return false;
}

}  // namespace asyncd
