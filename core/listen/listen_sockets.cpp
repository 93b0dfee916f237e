#include "core/listen/listen_sockets.h"

#include <algorithm>

#include "core/listen/accept_error.h"

namespace asyncd {

namespace {

// For clients whose handshake is under way: longer than any round trip around the world.
constexpr Duration time_to_come_in = std::chrono::seconds(1);

}  // namespace

ListenSockets::ListenSockets(std::vector<ListenSocket> own, std::vector<ListenSocket> leaving) {
  for (ListenSocket& socket : own) entries_.push_back({std::move(socket), false});
  for (ListenSocket& socket : leaving) entries_.push_back({std::move(socket), true});
  note_handles();
}

int ListenSockets::accept(Instant now, Accepted& accepted) {
  int error = 0;
  for (std::size_t left = entries_.size(); left > 0; --left) {
    turn_ %= entries_.size();
    Entry& entry = entries_[turn_];
    error = entry.socket.accept(accepted);
    if (error == 0 || classify_accept_error(error) != AcceptError::would_block) {
      ++turn_;
      return error;
    }
    if (entry.leaving && now >= next())
      forget(turn_);  // the one after it takes its place
    else
      ++turn_;
  }
  return error;
}

void ListenSockets::forget(std::size_t index) {
  const std::lock_guard lock(mutex_);
  if (unwatch_) unwatch_(entries_[index].socket.handle());
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  if (std::none_of(entries_.begin(), entries_.end(),
                   [](const Entry& entry) { return entry.leaving; }))
    leaves_at_ = never;
  note_handles();
}

void ListenSockets::close() {
  const std::lock_guard lock(mutex_);
  if (unwatch_) std::for_each(handles_.begin(), handles_.end(), unwatch_);
  for (Entry& entry : entries_) entry.socket.close();
  leaves_at_ = never;
  note_handles();
}

void ListenSockets::note_handles() {
  handles_.clear();
  for (const Entry& entry : entries_)
    if (entry.socket.is_open()) handles_.push_back(entry.socket.handle());
}

void ListenSockets::settle() {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    entry.socket.admit_newcomers(!entry.leaving);
    if (entry.leaving) leaves_at_ = after(Clock::now(), time_to_come_in);
  }
}

std::vector<ListenSockets::Place> ListenSockets::places() const {
  const std::lock_guard lock(mutex_);
  std::vector<Place> result;
  for (const Entry& entry : entries_)
    if (entry.socket.is_open()) result.push_back({entry.socket.address(), entry.leaving});
  return result;
}

bool ListenSockets::is_at(const ListenAddress& address) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.socket.is_open() && entry.socket.is_at(address);
  });
}

bool ListenSockets::meets(const ListenSockets& other) const {
  const std::vector<Place> places = other.places();
  return std::any_of(places.begin(), places.end(),
                     [this](const Place& place) { return is_at(place.address); });
}

Result<ListenSocket> ListenSockets::duplicate(const ListenAddress& address) const {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_)
    if (entry.socket.is_open() && entry.socket.is_at(address)) return entry.socket.duplicate();
  return Error{ExitCode::cannot_create,
               "cannot listen on " + address.to_string() + ": it has just been closed"};
}

void ListenSockets::take_files(ListenSockets& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  for (Entry& entry : entries_)
    for (Entry& from : other.entries_)
      if (entry.socket.address() == from.socket.address()) entry.socket.take_file(from.socket);
}

}  // namespace asyncd
