#include <windows.h>

#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <limits>
#include <mutex>

#include "cmd/asyncd/control_windows.h"

namespace asyncd {

namespace {

// The system calls the handler on a thread of its own, and knows no argument: so these have to be found without one.
struct Requests {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<Request> queue;
};
Requests requests;

BOOL WINAPI on_console_event(DWORD event) {
  switch (event) {
    case CTRL_C_EVENT:
    case CTRL_BREAK_EVENT:
      add_request(Request::interrupt);
      return TRUE;
    case CTRL_CLOSE_EVENT:
    case CTRL_LOGOFF_EVENT:
    case CTRL_SHUTDOWN_EVENT:
      add_request(Request::terminate);
      // The process ends when this returns, or after some seconds at most: time to finish in.
      ::Sleep(INFINITE);
      return TRUE;
    default:
      return FALSE;
  }
}

}  // namespace

void add_request(Request request) {
  const std::lock_guard lock(requests.mutex);
  requests.queue.push_back(request);
  requests.arrived.notify_one();
}

void prepare_process() {
  // Standard output carries bytes as they are: "\n" stays one byte.
  ::_setmode(::_fileno(stdout), _O_BINARY);
  ::SetConsoleOutputCP(CP_UTF8);
}

void hold_requests() { ::SetConsoleCtrlHandler(on_console_event, TRUE); }

Request wait_for_request(Duration wait) {
  std::unique_lock lock(requests.mutex);
  if (!requests.arrived.wait_for(lock, wait, [] { return !requests.queue.empty(); })) return Request::none;
  const Request first = requests.queue.front();
  requests.queue.pop_front();
  return first;
}

bool stderr_is_terminal() {
  const HANDLE handle = ::GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  // A console that cannot do colours by escape sequences counts as none.
  return ::GetConsoleMode(handle, &mode) != 0 &&
         ::SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

std::uint64_t raise_descriptor_limit() { return std::numeric_limits<std::uint64_t>::max(); }

}  // namespace asyncd
