#include "system_sockets.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "core/net/socket.h"

namespace asyncd {

namespace {

// Before Windows 10 2004 (Server 2019, for one) WSAPoll does not tell of a connection that cannot
// be made. Where it has nothing to tell for a while, select is asked.
constexpr int poll_slice_ms = 100;

bool may_connect(const PollEntry& entry) { return (entry.events & POLLWRNORM) != 0; }

bool has_failed(const PollEntry& entry) {
  fd_set failure{1, {entry.fd}};
  timeval at_once{};
  return ::select(0, nullptr, nullptr, &failure, &at_once) == 1;
}

// WSAPoll tells again and again that the other side has ended its output, which is nothing for one
// that waits for room.
bool has_only_ended(const PollEntry& entry) {
  return entry.events == POLLWRNORM && entry.revents == POLLHUP;
}

// Asks select about these instead, and waits a little where there is nothing else. Returns how many
// have no room.
int forget_ends(std::span<PollEntry> entries, int told) {
  const auto ends = std::count_if(entries.begin(), entries.end(), has_only_ended);
  std::chrono::milliseconds wait(ends == told ? 10 : 0);
  int forgotten = 0;
  for (PollEntry& entry : entries) {
    if (ends == forgotten || !has_only_ended(entry)) continue;
    entry.revents = wait_ready(static_cast<NativeSocket>(entry.fd), false, true, wait).writable
                        ? POLLWRNORM
                        : 0;
    if (entry.revents == 0) ++forgotten;
    wait = {};
  }
  return forgotten;
}

// Of connections that could not be made.
int tell_failures(std::span<PollEntry> entries) {
  int failed = 0;
  for (PollEntry& entry : entries) {
    if (!may_connect(entry) || !has_failed(entry)) continue;
    entry.revents = POLLERR;
    ++failed;
  }
  return failed;
}

}  // namespace

void start_sockets() {
  static const int failure = [] {
    WSADATA data;
    return ::WSAStartup(MAKEWORD(2, 2), &data);
  }();
  ::WSASetLastError(failure);
}

int poll_sockets(PollEntry* entries, std::size_t count, int millis) {
  if (count == 0) {
    ::Sleep(static_cast<DWORD>(millis));
    return 0;
  }
  const std::span all(entries, count);
  const bool connects = std::any_of(all.begin(), all.end(), may_connect);
  const ULONGLONG begun = ::GetTickCount64();
  for (;;) {
    const int left =
        millis < 0 ? millis : std::max(0, millis - static_cast<int>(::GetTickCount64() - begun));
    const int part = connects && (left < 0 || left > poll_slice_ms) ? poll_slice_ms : left;
    int told = ::WSAPoll(entries, static_cast<ULONG>(count), part);
    if (told > 0) told -= forget_ends(all, told);
    if (told == 0 && connects) told = tell_failures(all);
    if (told != 0 || left == 0 || part == left) return told;
  }
}

}  // namespace asyncd
