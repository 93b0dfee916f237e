#include "backends/readiness/epoll_set_linux.h"

#include <sys/socket.h>

#include <cerrno>
#include <new>

#include "core/net/epoll_wait_linux.h"
#include "core/text/error_text.h"

namespace asyncd {

namespace {

constexpr std::uint32_t for_reading = EPOLLIN | EPOLLRDHUP;
constexpr std::uint32_t for_edges = for_reading | EPOLLPRI | EPOLLET;
constexpr std::uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

bool is_tcp(int socket) {
  int domain = AF_UNSPEC;
  socklen_t size = sizeof domain;
  ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size);
  return domain == AF_INET || domain == AF_INET6;
}

}  // namespace

Result<EpollSet> EpollSet::create() {
  Socket epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll)
    return Error{
        ExitCode::os_limit,
        error_text(errno) + "; use fewer threads, or raise the limit of open files (ulimit -n)"};
  return EpollSet(std::move(epoll));
}

int EpollSet::control(int operation, std::size_t slot, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = std::uint64_t{slots_[slot].turn} << 32 | slot;
  return ::epoll_ctl(static_cast<int>(epoll_.handle()), operation, slots_[slot].socket, &event);
}

std::size_t EpollSet::add(NativeSocket socket, Watching watching) {
  const std::size_t slot = slots_.next();
  const bool lasting = watching == Watching::lasting;
  slots_[slot] = {.socket = static_cast<int>(socket),
                  .turn = slots_[slot].turn + 1,
                  .watching = watching,
                  .short_is_empty = lasting && is_tcp(static_cast<int>(socket))};
  if (control(EPOLL_CTL_ADD, slot, lasting ? for_edges : EPOLLONESHOT) != 0) throw std::bad_alloc();
  slots_.take();
  return slot;
}

// A connection's socket goes with its end. If a process of a handler's has it, too, its events are
// for an earlier turn.
void EpollSet::remove(std::size_t slot) {
  if (slots_[slot].watching == Watching::occasional) control(EPOLL_CTL_DEL, slot, 0);
  slots_[slot] = {.turn = slots_[slot].turn};
  slots_.give_back(slot);
}

bool EpollSet::want_readable(std::size_t slot) {
  Slot& one = slots_[slot];
  if (one.readable) return true;
  one.wanted.readable = true;
  if (one.watching == Watching::occasional) arm(slot);
  return false;
}

// Each time, because only so the system tells of room that there is already: a send may have been
// cut short before it came to the end of that. Output waits seldom.
void EpollSet::want_writable(std::size_t slot) {
  slots_[slot].wanted.writable = true;
  if (slots_[slot].watching == Watching::occasional) return arm(slot);
  control(EPOLL_CTL_MOD, slot, for_edges | EPOLLOUT);
}

void EpollSet::arm(std::size_t slot) {
  const Ready wanted = slots_[slot].wanted;
  control(EPOLL_CTL_MOD, slot,
          EPOLLONESHOT | (wanted.readable ? for_reading : 0U) |
              (wanted.writable ? std::uint32_t{EPOLLOUT} : 0U));
}

void EpollSet::wait(Duration longest) {
  const int count = epoll_wait_for(static_cast<int>(epoll_.handle()), events_.data(),
                                   static_cast<int>(events_.size()), longest);
  // an interrupted call is one in which nothing happened
  count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  next_ = 0;
}

bool EpollSet::next_ready(std::size_t& slot, Ready& ready) {
  while (next_ < count_) {
    const epoll_event event = events_[next_++];
    slot = event.data.u64 & UINT32_MAX;
    Slot& one = slots_[slot];
    if (one.socket < 0 || one.turn != event.data.u64 >> 32) continue;
    const bool ended = (event.events & end) != 0, readable = ended || (event.events & EPOLLIN) != 0;
    if (one.watching == Watching::lasting) {
      one.readable = one.readable || readable;
      one.ended = one.ended || ended;
      one.short_is_empty = one.short_is_empty && (event.events & EPOLLPRI) == 0;
    }
    ready.readable = readable && one.wanted.readable;
    ready.writable = (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && one.wanted.writable;
    if (ready.readable) one.wanted.readable = false;
    if (ready.writable) one.wanted.writable = false;
    // Told of one of both, it is armed for neither.
    if (one.watching == Watching::occasional && (one.wanted.readable || one.wanted.writable))
      arm(slot);
    if (ready.readable || ready.writable) return true;
  }
  return false;
}

}  // namespace asyncd
