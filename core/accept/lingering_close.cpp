#include "core/accept/lingering_close.h"

#include <algorithm>
#include <new>

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

// False: the client is gone.
bool say(std::unique_ptr<StagedRefusal>& refusal, const Socket& socket, Instant now) {
  try {
    switch (refusal->advance(socket.handle(), now)) {
      case StagedRefusal::Progress::waits:
        return true;
      case StagedRefusal::Progress::said:
        shutdown_write(socket.handle());
        refusal = nullptr;
        return true;
      case StagedRefusal::Progress::over:
        break;
    }
  } catch (const std::bad_alloc&) {
    // The socket is closed without the refusal.
  }
  return false;
}

}  // namespace

void LingeringClose::add(Socket socket, Instant now, std::unique_ptr<StagedRefusal> refusal) {
  set_non_blocking(socket.handle(), true);
  // Sends what it can at once: after a stop no thread calls tend.
  if (refusal != nullptr && !say(refusal, socket, now)) return;
  const std::lock_guard lock(mutex_);
  const auto place = std::min_element(
      lingering_.begin(), lingering_.end(), [](const auto& one, const auto& other) {
        return (one.socket ? one.end : Instant{}) < (other.socket ? other.end : Instant{});
      });
  *place = {std::move(socket), after(now, longest), std::move(refusal)};
}

void LingeringClose::tend(Instant now) {
  const std::lock_guard lock(mutex_);
  for (Lingering& lingering : lingering_) {
    if (!lingering.socket) continue;
    const bool goes_on = lingering.refusal != nullptr
                             ? say(lingering.refusal, lingering.socket, now)
                             : !has_gone(lingering.socket);
    if (!goes_on || now >= lingering.end) lingering = {};
  }
}

Instant LingeringClose::next(Instant now) const {
  const std::lock_guard lock(mutex_);
  const bool any =
      std::any_of(lingering_.begin(), lingering_.end(),
                  [](const Lingering& lingering) { return static_cast<bool>(lingering.socket); });
  return any ? after(now, often) : never;
}

void LingeringClose::clear() {
  const std::lock_guard lock(mutex_);
  for (Lingering& lingering : lingering_) lingering = {};
}

}  // namespace asyncd
