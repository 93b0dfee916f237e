// AcceptLoop: what an accepting thread does. It hands each connection to `take`, which may serve it
// on the spot, start a thread, queue it, or give it to an event loop. It need not wait for room:
// the listener knows how much there is.
#pragma once

#include <algorithm>
#include <array>
#include <new>

#include "core/accept/listener.h"
#include "core/base/stop_flag.h"
#include "core/net/waker.h"

namespace asyncd {

class AcceptLoop {
 public:
  AcceptLoop(Listener& listener, const StopFlag& stop_flag, Waker& waker)
      : listener_(listener), stop_flag_(stop_flag), waker_(waker) {}

  // Until the stop flag says that others accept, or stop, or drain and no client is left in the
  // queue; or until a listening socket is broken. `prepare` is called before each look at the
  // queue, and says when to look again at the latest; `never`: no connection waits in the backend,
  // so a drain may end.
  template <class Prepare, class Take>
  void run(Prepare prepare, Take take) {
    while (!stop_flag_.retired() && !stop_flag_.stopping()) {
      const Instant look_again = prepare();
      NewConnection connection;
      const Listener::Answer answer = listener_.accept(Clock::now(), connection);
      if (answer == Listener::Answer::accepted)
        hand_over(std::move(connection), take);
      else if (answer == Listener::Answer::next)
        continue;
      else if (answer == Listener::Answer::broken ||
               (answer == Listener::Answer::empty && stop_flag_.draining() && look_again == never))
        break;
      else
        wait(answer, look_again);
    }
    listener_.finish();
  }

  template <class Take>
  void run(Take take) {
    run([] { return never; }, std::move(take));
  }

 private:
  static constexpr Duration longest_wait = std::chrono::seconds(10);

  template <class Take>
  void hand_over(NewConnection connection, Take& take) {
    try {
      take(std::move(connection));
    } catch (const std::bad_alloc&) {
      listener_.reject(std::move(connection), RejectReason::no_memory);
    }
  }

  void wait(Listener::Answer answer, Instant look_again) {
    const Instant until = std::min(listener_.retry_at(), look_again);
    const Duration time = std::min<Duration>(longest_wait, until - Clock::now());
    std::array<NativeSocket, ListenSockets::most + 1> watched{waker_.handle()};
    std::size_t count = 1;
    if (answer == Listener::Answer::empty)
      for (const NativeSocket socket : listener_.handles()) watched[count++] = socket;
    wait_readable({watched.data(), count}, time);
    waker_.drain();
  }

  Listener& listener_;
  const StopFlag& stop_flag_;
  Waker& waker_;
};

}  // namespace asyncd
