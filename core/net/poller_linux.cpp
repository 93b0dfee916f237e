#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/net/epoll_wait_linux.h"
#include "core/net/poller.h"

namespace asyncd {

struct Poller::State {
  static constexpr std::size_t most_events = 512;

  Socket epoll;
  std::array<epoll_event, most_events> ready;
  std::array<Event, most_events> events;

  int control(int operation, NativeSocket socket, std::uint64_t token, bool writable) const {
    epoll_event event{};
    event.events = EPOLLIN | (writable ? EPOLLOUT : 0U);
    event.data.u64 = token;
    return ::epoll_ctl(static_cast<int>(epoll.handle()), operation, static_cast<int>(socket),
                       &event);
  }

  int wait(Duration wait) {
    return epoll_wait_for(static_cast<int>(epoll.handle()), ready.data(), most_events, wait);
  }
};

Result<Poller> Poller::create() {
  // Otherwise the kernel may wake this thread 50 microseconds later than it asks for.
  ::prctl(PR_SET_TIMERSLACK, 1);
  auto state = std::make_unique<State>();
  state->epoll = Socket(::epoll_create1(EPOLL_CLOEXEC));
  if (!state->epoll) return Error{ExitCode::os_limit, "cannot watch sockets: " + error_text(errno)};
  return Poller(std::move(state));
}

Poller::Poller(std::unique_ptr<State> state) : state_(std::move(state)) {}
Poller::Poller(Poller&&) noexcept = default;
Poller::~Poller() = default;

bool Poller::add(NativeSocket socket, std::uint64_t token, bool writable) {
  return state_->control(EPOLL_CTL_ADD, socket, token, writable) == 0;
}

void Poller::watch_writable(NativeSocket socket, std::uint64_t token, bool on) {
  state_->control(EPOLL_CTL_MOD, socket, token, on);
}

// Its end takes a socket out of here, because no other descriptor is for it.
void Poller::remove(NativeSocket) {}

std::span<const Poller::Event> Poller::wait(Duration wait) {
  const int count = std::max(0, state_->wait(wait));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = state_->ready[static_cast<std::size_t>(i)];
    state_->events[static_cast<std::size_t>(i)] = {
        event.data.u64, (event.events & ~EPOLLOUT) != 0,
        (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0};
  }
  return {state_->events.data(), static_cast<std::size_t>(count)};
}

}  // namespace asyncd
