// By poll, which looks at each socket in each call: for systems on which nothing is measured
// seriously here.
#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <vector>

#include "core/net/poller.h"
#include "core/net/sockaddr.h"

namespace asyncd {

struct Poller::State {
  std::vector<PollEntry> entries;
  std::vector<std::uint64_t> tokens;                        // of the entries, in their order
  std::unordered_map<NativeSocket, std::size_t> positions;  // in them
  std::vector<Event> events;
};

Result<Poller> Poller::create() { return Poller(std::make_unique<State>()); }

Poller::Poller(std::unique_ptr<State> state) : state_(std::move(state)) {}
Poller::Poller(Poller&&) noexcept = default;
Poller::~Poller() = default;

namespace {

short wanted(bool writable) {
  return static_cast<short>(poll_readable | (writable ? poll_writable : 0));
}

}  // namespace

bool Poller::add(NativeSocket socket, std::uint64_t token, bool writable) {
  state_->positions[socket] = state_->entries.size();
  state_->entries.push_back({system_socket(socket), wanted(writable), 0});
  state_->tokens.push_back(token);
  return true;
}

void Poller::watch_writable(NativeSocket socket, std::uint64_t, bool on) {
  state_->entries[state_->positions.at(socket)].events = wanted(on);
}

void Poller::remove(NativeSocket socket) {
  const auto found = state_->positions.find(socket);
  if (found == state_->positions.end()) return;
  // The last one takes its place.
  const std::size_t position = found->second;
  state_->positions[static_cast<NativeSocket>(state_->entries.back().fd)] = position;
  state_->positions.erase(socket);
  state_->entries[position] = state_->entries.back();
  state_->tokens[position] = state_->tokens.back();
  state_->entries.pop_back();
  state_->tokens.pop_back();
}

std::span<const Poller::Event> Poller::wait(Duration wait) {
  State& state = *state_;
  state.events.clear();
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(
      std::clamp<Duration>(wait, {}, std::chrono::hours(1)));
  if (poll_sockets(state.entries.data(), state.entries.size(), static_cast<int>(millis.count())) <=
      0)
    return {};
  for (std::size_t i = 0; i < state.entries.size(); ++i) {
    const short happened = state.entries[i].revents;
    if (happened == 0) continue;
    const bool broken = (happened & poll_broken) != 0;
    state.events.push_back({state.tokens[i], broken || (happened & poll_readable) != 0,
                            broken || (happened & poll_writable) != 0});
  }
  return state.events;
}

}  // namespace asyncd
