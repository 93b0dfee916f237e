#include <sys/select.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "backends/readiness/select_set.h"

namespace asyncd {

namespace {

constexpr std::size_t word_count = sizeof(fd_set) / sizeof(std::uint64_t);
using Words = std::array<std::uint64_t, word_count>;

Words words_of(const fd_set& set) {
  Words words;
  std::memcpy(words.data(), &set, sizeof set);
  return words;
}

// Takes it from the set of what is wanted, where it is there.
bool take(fd_set& wanted, std::size_t slot) {
  const int fd = static_cast<int>(slot);
  const bool is_wanted = FD_ISSET(fd, &wanted);
  if (is_wanted) FD_CLR(fd, &wanted);
  return is_wanted;
}

}  // namespace

struct SelectSet::Sets {
  fd_set wanted_readable, wanted_writable;
  int highest = -1;  // never lowered: scanning a few empty words costs less than keeping it exact
  Words readable{}, writable{};
  std::size_t word = 0;  // where next_ready goes on
};

SelectSet::SelectSet() : sets_(std::make_unique<Sets>()) {
  FD_ZERO(&sets_->wanted_readable);
  FD_ZERO(&sets_->wanted_writable);
}

SelectSet::SelectSet(SelectSet&&) noexcept = default;
SelectSet::~SelectSet() = default;

std::uint64_t SelectSet::most_sockets() { return FD_SETSIZE; }

bool SelectSet::holds(NativeSocket socket) const { return socket >= 0 && socket < FD_SETSIZE; }

// A slot is the descriptor itself.
std::size_t SelectSet::add(NativeSocket socket, Watching) {
  sets_->highest = std::max(sets_->highest, static_cast<int>(socket));
  return static_cast<std::size_t>(socket);
}

void SelectSet::remove(std::size_t slot) {
  unwant(slot);
  // The socket that gets the descriptor next is not ready because this one was.
  const std::uint64_t others = ~(std::uint64_t{1} << (slot % 64));
  sets_->readable[slot / 64] &= others;
  sets_->writable[slot / 64] &= others;
}

bool SelectSet::want_readable(std::size_t slot) {
  FD_SET(static_cast<int>(slot), &sets_->wanted_readable);
  return false;
}

void SelectSet::want_writable(std::size_t slot) {
  FD_SET(static_cast<int>(slot), &sets_->wanted_writable);
}

void SelectSet::unwant(std::size_t slot) {
  FD_CLR(static_cast<int>(slot), &sets_->wanted_readable);
  FD_CLR(static_cast<int>(slot), &sets_->wanted_writable);
}

void SelectSet::wait(Duration longest) {
  fd_set readable = sets_->wanted_readable;
  fd_set writable = sets_->wanted_writable;
  timeval limit{};
  if (longest != unlimited_time) {
    const auto micros =
        std::chrono::ceil<std::chrono::microseconds>(std::max(longest, Duration::zero())).count();
    limit = {static_cast<time_t>(micros / 1'000'000), static_cast<suseconds_t>(micros % 1'000'000)};
  }
  const int count = ::select(sets_->highest + 1, &readable, &writable, nullptr,
                             longest == unlimited_time ? nullptr : &limit);
  sets_->word = count > 0 ? 0 : word_count;  // an interrupted call is one in which nothing happened
  if (count <= 0) return;
  sets_->readable = words_of(readable);
  sets_->writable = words_of(writable);
}

bool SelectSet::next_ready(std::size_t& slot, Ready& ready) {
  const std::size_t words = static_cast<std::size_t>(sets_->highest) / 64 + 1;
  for (; sets_->word < words; ++sets_->word) {
    std::uint64_t& readable = sets_->readable[sets_->word];
    std::uint64_t& writable = sets_->writable[sets_->word];
    while ((readable | writable) != 0) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(readable | writable));
      const std::uint64_t mask = std::uint64_t{1} << bit;
      slot = sets_->word * 64 + bit;
      ready.readable = (readable & mask) != 0 && take(sets_->wanted_readable, slot);
      ready.writable = (writable & mask) != 0 && take(sets_->wanted_writable, slot);
      readable &= ~mask;
      writable &= ~mask;
      if (ready.readable || ready.writable) return true;
    }
  }
  return false;
}

}  // namespace asyncd
