#include "core/accept/farewells.h"

#include <algorithm>

namespace asyncd {

namespace {

constexpr Duration longest = std::chrono::seconds(2);
constexpr Duration often = std::chrono::milliseconds(100);

// Throws away what has come, but not for ever, should it keep coming.
bool has_gone(const Socket& socket) {
  std::array<char, 4096> bytes;
  for (int i = 0; i < 16; ++i) {
    const IoResult::Status status = receive_some(socket.handle(), bytes).status;
    if (status != IoResult::Status::ok) return status != IoResult::Status::would_block;
  }
  return false;
}

}  // namespace

void Farewells::add(Socket socket, Instant now) {
  set_non_blocking(socket.handle(), true);
  const std::lock_guard lock(mutex_);
  const auto place = std::min_element(
      farewells_.begin(), farewells_.end(), [](const auto& one, const auto& other) {
        return (one.socket ? one.end : Instant{}) < (other.socket ? other.end : Instant{});
      });
  *place = {std::move(socket), after(now, longest)};
}

void Farewells::tend(Instant now) {
  const std::lock_guard lock(mutex_);
  for (Farewell& farewell : farewells_)
    if (farewell.socket && (now >= farewell.end || has_gone(farewell.socket)))
      farewell.socket.close();
}

Instant Farewells::next(Instant now) const {
  const std::lock_guard lock(mutex_);
  const bool any = std::any_of(farewells_.begin(), farewells_.end(), [](const Farewell& farewell) {
    return static_cast<bool>(farewell.socket);
  });
  return any ? after(now, often) : never;
}

void Farewells::clear() {
  const std::lock_guard lock(mutex_);
  for (Farewell& farewell : farewells_) farewell.socket.close();
}

}  // namespace asyncd
