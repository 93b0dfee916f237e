#include "backends/readiness/poll_set.h"

#include <algorithm>
#include <vector>

#include "backends/readiness/slots.h"
#include "system_sockets.h"

namespace asyncd {

namespace {

constexpr std::size_t nowhere = SIZE_MAX;

struct Slot {
  NativeSocket socket = no_socket;
  std::size_t place = nowhere;  // in the list that the system is shown
};

}  // namespace

struct PollSet::Lists {
  Slots<Slot> slots;
  std::vector<PollEntry> entries;    // has room for all
  std::vector<std::size_t> slot_of;  // likewise: of each entry
  // next_ready goes backwards; the entry before this one is its next
  std::size_t next = 0;

  void want(std::size_t slot, int events) {
    Slot& one = slots[slot];
    if (one.place == nowhere) {
      one.place = entries.size();
      entries.push_back({});
      entries.back().fd = system_socket(one.socket);
      slot_of.push_back(slot);
    }
    entries[one.place].events = static_cast<short>(entries[one.place].events | events);
  }

  // The last entry takes its place. It has been told of, or lies before `next`, too.
  void hide(std::size_t place) {
    slots[slot_of[place]].place = nowhere;
    if (place + 1 != entries.size()) {
      entries[place] = entries.back();
      slot_of[place] = slot_of.back();
      slots[slot_of[place]].place = place;
    }
    entries.pop_back();
    slot_of.pop_back();
  }
};

PollSet::PollSet() : lists_(std::make_unique<Lists>()) {}
PollSet::PollSet(PollSet&&) noexcept = default;
PollSet::~PollSet() = default;

std::size_t PollSet::add(NativeSocket socket, Watching) {
  Lists& lists = *lists_;
  const std::size_t slot = lists.slots.next();
  lists.entries.reserve(lists.slots.size());
  lists.slot_of.reserve(lists.slots.size());
  lists.slots.take();
  lists.slots[slot] = {.socket = socket};
  return slot;
}

void PollSet::remove(std::size_t slot) {
  unwant(slot);
  lists_->slots[slot] = {};
  lists_->slots.give_back(slot);
}

bool PollSet::want_readable(std::size_t slot) {
  lists_->want(slot, poll_readable);
  return false;
}

void PollSet::want_writable(std::size_t slot) { lists_->want(slot, poll_writable); }

void PollSet::unwant(std::size_t slot) {
  if (const std::size_t place = lists_->slots[slot].place; place != nowhere) lists_->hide(place);
}

void PollSet::wait(Duration longest) {
  int millis = -1;
  if (longest != unlimited_time) {
    constexpr std::chrono::milliseconds most = std::chrono::hours(1);
    millis = static_cast<int>(
        std::min(std::chrono::ceil<std::chrono::milliseconds>(longest), most).count());
  }
  std::vector<PollEntry>& entries = lists_->entries;
  const int count = poll_sockets(entries.data(), entries.size(), millis);
  // an interrupted call is one in which nothing happened
  lists_->next = count > 0 ? entries.size() : 0;
}

bool PollSet::next_ready(std::size_t& slot, Ready& ready) {
  Lists& lists = *lists_;
  for (lists.next = std::min(lists.next, lists.entries.size()); lists.next != 0;) {
    const std::size_t place = --lists.next;
    PollEntry& entry = lists.entries[place];
    const int told = std::exchange(entry.revents, short{0});
    const auto happened = [&](int what) {
      return (entry.events & what) != 0 && (told & (what | poll_broken)) != 0;
    };
    ready = {happened(poll_readable), happened(poll_writable)};
    if (!ready.readable && !ready.writable) continue;
    slot = lists.slot_of[place];
    if (ready.readable) entry.events = static_cast<short>(entry.events & ~poll_readable);
    if (ready.writable) entry.events = static_cast<short>(entry.events & ~poll_writable);
    if (entry.events == 0) lists.hide(place);
    return true;
  }
  return false;
}

}  // namespace asyncd
