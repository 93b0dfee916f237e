#include <windows.h>

#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <limits>
#include <mutex>

#include "cmd/process/control_windows.h"

namespace asyncd {

namespace {

// The system calls the handler on a thread of its own, and knows no argument: so these have to be
// found without one.
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
      add_request(Request::terminate);
      // The process ends when this returns, or after some seconds at most: time to finish in.
      ::Sleep(INFINITE);
      return TRUE;
    default:
      // The user logs off, or the machine shuts down. A service outlives the one and is told of the
      // other by its manager; a program that has loaded user32.dll, as ours does for its arguments,
      // hears of neither.
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
  // Bytes are carried as they are: "\n" stays one byte, and Ctrl-Z does not end the input.
  for (std::FILE* stream : {stdin, stdout}) ::_setmode(::_fileno(stream), _O_BINARY);
  // A library that cannot be loaded is an error, not a window that waits for a click.
  ::SetErrorMode(::GetErrorMode() | SEM_FAILCRITICALERRORS);
  // The console is not ours alone, and it outlives us.
  static const UINT code_page_before = ::GetConsoleOutputCP();
  if (::SetConsoleOutputCP(CP_UTF8) != 0)
    std::atexit([] { ::SetConsoleOutputCP(code_page_before); });
}

void hold_reloads() {}

void hold_requests() { ::SetConsoleCtrlHandler(on_console_event, TRUE); }

Request wait_for_request(Duration wait) {
  std::unique_lock lock(requests.mutex);
  if (!requests.arrived.wait_for(lock, wait, [] { return !requests.queue.empty(); }))
    return Request::none;
  const Request first = requests.queue.front();
  requests.queue.pop_front();
  return first;
}

std::string unused_signal() { return {}; }

bool stderr_is_terminal() {
  const HANDLE handle = ::GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  // A console that cannot do colours by escape sequences counts as none.
  return ::GetConsoleMode(handle, &mode) != 0 &&
         ::SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

std::uint64_t raise_descriptor_limit() { return std::numeric_limits<std::uint64_t>::max(); }

}  // namespace asyncd
