#include "backends/thread_backend.h"

namespace asyncd {

Result<void> ThreadBackend::start(Listener& listener) {
  Result<Waker> waker = Waker::create();
  if (!waker) return waker.error();
  waker_.emplace(std::move(*waker));
  listener.set_waker([this] { waker_->wake(); });
  try {
    if (Result<void> prepared = prepare(listener); !prepared) return prepared;
  } catch (const std::bad_alloc&) {
    stop();
    return Error{ExitCode::os_limit, "not enough memory for the threads' buffers"};
  }
  Result<Thread> thread = Thread::start(0, [this, &listener] {
    run(listener);
    done_ = true;
  });
  if (!thread) {
    stop();  // ends what prepare has started
    return thread.error();
  }
  accepting_ = std::move(*thread);
  return {};
}

Result<void> ThreadBackend::prepare(Listener&) { return {}; }

void ThreadBackend::refresh() {
  waker_->wake();
  on_refresh();
}

void ThreadBackend::advance(StopFlag::Phase phase) {
  stop_flag_.advance(phase);
  if (waker_) waker_->wake();
  on_stop_flag();
}

}  // namespace asyncd
