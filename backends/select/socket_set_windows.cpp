// Winsock's fd_set is a count and a list of handles, and select takes one of any length: so the lists are our own.
#include <winsock2.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "backends/select/socket_set.h"

namespace asyncd {

namespace {

constexpr std::size_t most_sockets = 8192;

// As fd_set, but longer.
struct SocketList {
  u_int count = 0;
  SOCKET sockets[most_sockets];
};
static_assert(offsetof(SocketList, sockets) == offsetof(fd_set, fd_array));

fd_set* as_fd_set(SocketList& list) { return list.count != 0 ? reinterpret_cast<fd_set*>(&list) : nullptr; }

struct Entry {
  SOCKET socket = INVALID_SOCKET;
  bool watch_readable = false;
  bool watch_writable = false;
  Ready ready;
};

}  // namespace

struct SocketSet::Sets {
  Sets() {
    entries.reserve(most_sockets);
    free_slots.reserve(most_sockets);
    ready.reserve(most_sockets);
  }

  std::vector<Entry> entries;  // by slot
  std::vector<std::size_t> free_slots;
  std::unordered_map<SOCKET, std::size_t> slots;
  std::vector<std::size_t> ready;         // slots that next_ready has still to tell
  SocketList readable, writable, failed;  // a connection that cannot be made is told as the last of these only

  void collect(const SocketList& list, bool Ready::*kind) {
    for (u_int i = 0; i < list.count; ++i) {
      const std::size_t slot = slots.at(list.sockets[i]);
      Entry& entry = entries[slot];
      if (!entry.ready.readable && !entry.ready.writable) ready.push_back(slot);
      entry.ready.*kind = true;
    }
  }
};

SocketSet::SocketSet() : sets_(std::make_unique<Sets>()) {}
SocketSet::SocketSet(SocketSet&&) noexcept = default;
SocketSet::~SocketSet() = default;

std::size_t SocketSet::ceiling() { return most_sockets; }

std::optional<std::size_t> SocketSet::add(NativeSocket socket) {
  Sets& sets = *sets_;
  const bool reused = !sets.free_slots.empty();
  const std::size_t slot = reused ? sets.free_slots.back() : sets.entries.size();
  if (slot >= most_sockets) return std::nullopt;
  sets.slots[static_cast<SOCKET>(socket)] = slot;  // may throw; nothing below does
  if (reused)
    sets.free_slots.pop_back();
  else
    sets.entries.emplace_back();
  sets.entries[slot] = {.socket = static_cast<SOCKET>(socket)};
  return slot;
}

void SocketSet::remove(std::size_t slot) {
  sets_->slots.erase(sets_->entries[slot].socket);
  sets_->entries[slot] = {};
  sets_->free_slots.push_back(slot);
}

void SocketSet::watch_readable(std::size_t slot, bool on) { sets_->entries[slot].watch_readable = on; }
void SocketSet::watch_writable(std::size_t slot, bool on) { sets_->entries[slot].watch_writable = on; }

void SocketSet::wait(Duration wait) {
  Sets& sets = *sets_;
  sets.readable.count = sets.writable.count = sets.failed.count = 0;
  for (Entry& entry : sets.entries) {
    entry.ready = {};
    if (entry.watch_readable) sets.readable.sockets[sets.readable.count++] = entry.socket;
    if (!entry.watch_writable) continue;
    sets.writable.sockets[sets.writable.count++] = entry.socket;
    sets.failed.sockets[sets.failed.count++] = entry.socket;
  }
  sets.ready.clear();
  timeval limit{};
  if (wait != unlimited_time) {
    const auto micros = std::chrono::ceil<std::chrono::microseconds>(std::max(wait, Duration::zero())).count();
    limit = {static_cast<long>(std::min<long long>(micros / 1'000'000, 3600)), static_cast<long>(micros % 1'000'000)};
  }
  const int count = ::select(0, as_fd_set(sets.readable), as_fd_set(sets.writable), as_fd_set(sets.failed),
                             wait == unlimited_time ? nullptr : &limit);
  if (count <= 0) return;
  sets.collect(sets.readable, &Ready::readable);
  sets.collect(sets.writable, &Ready::writable);
  sets.collect(sets.failed, &Ready::writable);
}

bool SocketSet::next_ready(std::size_t& slot, Ready& ready) {
  Sets& sets = *sets_;
  while (!sets.ready.empty()) {
    slot = sets.ready.back();
    sets.ready.pop_back();
    ready = sets.entries[slot].ready;
    if (ready.readable || ready.writable) return true;  // else it has gone meanwhile
  }
  return false;
}

}  // namespace asyncd
