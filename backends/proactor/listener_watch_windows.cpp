// A socket belongs to one completion port as long as it lives, by whatever handle it was given to it. So the listener's
// is given to none: a thread waits for it and tells the loop.
#include <asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

#include "backends/proactor/listener_watch.h"
#include "core/base/thread.h"
#include "core/net/waker.h"

namespace asyncd {

namespace {

constexpr auto longest_wait = std::chrono::seconds(10);
constexpr auto pause = std::chrono::milliseconds(10);

template <class T>
T taken(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

struct ListenerWatch::System {
  System(asio::io_context& its_loop, NativeSocket its_socket)
      : loop(its_loop), listening(its_socket), waker(taken(Waker::create())) {
    thread = taken(Thread::start(0, [this] { run(); }));
  }
  ~System() { close(); }

  void run();
  bool tell_loop();
  void close();

  asio::io_context& loop;
  NativeSocket listening;
  Waker waker;
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> wanted;  // what to call when somebody waits
  bool closed = false;
  Thread thread;
};

void ListenerWatch::System::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return closed || wanted; });
    if (closed) return;
    lock.unlock();
    wait_readable(listening, waker.handle(), longest_wait);
    const bool somebody_waits = wait_ready(listening, true, false, {}).readable;
    lock.lock();
    // Where the wait or the post has failed, the next one may at once fail, too.
    if (!closed && !(somebody_waits && tell_loop())) changed.wait_for(lock, pause);
  }
}

// False: there is no memory for it. With the lock held.
bool ListenerWatch::System::tell_loop() {
  try {
    asio::post(loop, wanted);
  } catch (const std::bad_alloc&) {
    return false;
  }
  wanted = {};
  return true;
}

// The thread has ended before the listener's socket does, whose number may then be another's.
void ListenerWatch::System::close() {
  {
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_one();
    waker.wake();
  }
  thread.join();
}

ListenerWatch::ListenerWatch(asio::io_context& context, NativeSocket listening)
    : system_(std::make_unique<System>(context, listening)) {}

ListenerWatch::~ListenerWatch() = default;

void ListenerWatch::wait(std::function<void()> ready) {
  const std::lock_guard lock(system_->mutex);
  system_->wanted = std::move(ready);
  system_->changed.notify_one();
}

void ListenerWatch::close() { system_->close(); }

}  // namespace asyncd
