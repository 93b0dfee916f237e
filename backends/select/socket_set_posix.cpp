#include <sys/select.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "backends/select/socket_set.h"

namespace asyncd {

namespace {

constexpr std::size_t word_count = sizeof(fd_set) / sizeof(std::uint64_t);
using Words = std::array<std::uint64_t, word_count>;

Words words_of(const fd_set& set) {
  Words words;
  std::memcpy(words.data(), &set, sizeof set);
  return words;
}

}  // namespace

struct SocketSet::Sets {
  fd_set watched_readable, watched_writable;
  int highest = -1;  // never lowered: scanning a few empty words costs less than keeping it exact
  Words readable{}, writable{};
  std::size_t word = 0;  // where next_ready goes on
};

SocketSet::SocketSet() : sets_(std::make_unique<Sets>()) {
  FD_ZERO(&sets_->watched_readable);
  FD_ZERO(&sets_->watched_writable);
}

SocketSet::SocketSet(SocketSet&&) noexcept = default;
SocketSet::~SocketSet() = default;

std::size_t SocketSet::ceiling() { return FD_SETSIZE; }

// A slot is the descriptor itself.
std::optional<std::size_t> SocketSet::add(NativeSocket socket) {
  if (socket < 0 || socket >= FD_SETSIZE) return std::nullopt;
  sets_->highest = std::max(sets_->highest, static_cast<int>(socket));
  return static_cast<std::size_t>(socket);
}

void SocketSet::remove(std::size_t slot) {
  watch_readable(slot, false);
  watch_writable(slot, false);
  // Whoever gets the descriptor next is not ready because this one was.
  const std::uint64_t others = ~(std::uint64_t{1} << (slot % 64));
  sets_->readable[slot / 64] &= others;
  sets_->writable[slot / 64] &= others;
}

void SocketSet::watch_readable(std::size_t slot, bool on) {
  const int fd = static_cast<int>(slot);
  if (on)
    FD_SET(fd, &sets_->watched_readable);
  else
    FD_CLR(fd, &sets_->watched_readable);
}

void SocketSet::watch_writable(std::size_t slot, bool on) {
  const int fd = static_cast<int>(slot);
  if (on)
    FD_SET(fd, &sets_->watched_writable);
  else
    FD_CLR(fd, &sets_->watched_writable);
}

void SocketSet::wait(Duration wait) {
  fd_set readable = sets_->watched_readable;
  fd_set writable = sets_->watched_writable;
  timeval limit{};
  if (wait != unlimited_time) {
    const auto micros = std::chrono::ceil<std::chrono::microseconds>(std::max(wait, Duration::zero())).count();
    limit = {static_cast<time_t>(micros / 1'000'000), static_cast<suseconds_t>(micros % 1'000'000)};
  }
  const int count =
      ::select(sets_->highest + 1, &readable, &writable, nullptr, wait == unlimited_time ? nullptr : &limit);
  sets_->word = count > 0 ? 0 : word_count;  // an interrupted call is one in which nothing happened
  if (count <= 0) return;
  sets_->readable = words_of(readable);
  sets_->writable = words_of(writable);
}

bool SocketSet::next_ready(std::size_t& slot, Ready& ready) {
  const std::size_t words = static_cast<std::size_t>(sets_->highest) / 64 + 1;
  for (; sets_->word < words; ++sets_->word) {
    std::uint64_t& readable = sets_->readable[sets_->word];
    std::uint64_t& writable = sets_->writable[sets_->word];
    if ((readable | writable) == 0) continue;
    const auto bit = static_cast<std::size_t>(std::countr_zero(readable | writable));
    const std::uint64_t mask = std::uint64_t{1} << bit;
    slot = sets_->word * 64 + bit;
    ready = {(readable & mask) != 0, (writable & mask) != 0};
    readable &= ~mask;
    writable &= ~mask;
    return true;
  }
  return false;
}

}  // namespace asyncd
