#include "core/operations/tickets.h"

#include <utility>

namespace asyncd {

namespace {

std::size_t index_of(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }

}  // namespace

// Never destroyed: a handler's own thread may post while the process ends.
Tickets& Tickets::all() {
  static Tickets& only = *new Tickets;
  return only;
}

std::uint64_t Tickets::open(TicketHolder& holder, const void* call, std::uint64_t before) {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    // closing takes no memory
    if (free_.capacity() <= entries_.size()) free_.reserve(2 * entries_.size() + 16);
    entries_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(entries_.size() - 1));
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  if (++generation_ == 0) ++generation_;
  Entry& entry = entries_[index];
  entry = {std::uint64_t{generation_} << 32 | index, before, &holder, call, nullptr, false};
  return entry.ticket;
}

Tickets::Entry* Tickets::find(std::uint64_t ticket) {
  const std::size_t index = index_of(ticket);
  if (ticket == 0 || index >= entries_.size() || entries_[index].ticket != ticket) return nullptr;
  return &entries_[index];
}

void Tickets::close_all(std::uint64_t last) noexcept {
  const std::lock_guard lock(mutex_);
  while (Entry* const entry = find(last)) {
    free_.push_back(static_cast<std::uint32_t>(index_of(last)));
    last = entry->before;
    *entry = {};
  }
}

Tickets::Answer Tickets::wait(std::uint64_t ticket, const void* call, asyncd_op& op) noexcept {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(ticket);
  if (entry == nullptr || entry->call != call || entry->op != nullptr) return Answer::refused;
  if (entry->posted) return Answer::posted;
  entry->op = &op;
  return Answer::waits;
}

asyncd_op* Tickets::take_waiting(std::uint64_t ticket) noexcept {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(ticket);
  return entry == nullptr ? nullptr : std::exchange(entry->op, nullptr);
}

std::int32_t Tickets::post(std::uint64_t ticket) noexcept {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(ticket);
  if (entry == nullptr || entry->posted) return -1;
  // Taken here and now: a caller that gives up from now on finds that it is too late.
  entry->posted = true;
  if (asyncd_op* const op = std::exchange(entry->op, nullptr))
    entry->holder->on_posted(ticket, *op);
  return 0;
}

std::size_t Tickets::trim() noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t open = entries_.size() - free_.size();
  if (open == 0) {
    std::vector<Entry>().swap(entries_);
    std::vector<std::uint32_t>().swap(free_);
  }
  return open;
}

}  // namespace asyncd
