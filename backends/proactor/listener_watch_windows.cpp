// A socket belongs to one completion port as long as it lives, by whatever handle it was given to it. So the listener's
// is given to none: a thread waits for it and tells the loop.
#include <asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "backends/proactor/listener_watch.h"
#include "core/base/thread.h"
#include "core/net/waker.h"

namespace asyncd {

namespace {

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
  ~System() {
    close();
    thread.join();
  }

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return closed || wanted; });
      if (closed) return;
      lock.unlock();
      wait_readable(listening, waker.handle(), std::chrono::minutes(1));
      const bool somebody_waits = wait_ready(listening, true, false, {}).readable;
      lock.lock();
      if (!somebody_waits || closed) continue;
      try {
        asio::post(loop, wanted);
        wanted = {};
      } catch (const std::bad_alloc&) {
        changed.wait_for(lock, std::chrono::milliseconds(10));  // there may be memory then
      }
    }
  }

  void close() {
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_one();
    waker.wake();
  }

  asio::io_context& loop;
  NativeSocket listening;
  Waker waker;
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> wanted;  // what to call when somebody waits
  bool closed = false;
  Thread thread;
};

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
