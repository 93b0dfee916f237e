#include "core/operations/deferred_upstream.h"

#include <algorithm>
#include <new>
#include <utility>

namespace asyncd {

void DeferredUpstream::connect(asyncd_op& op, std::vector<Endpoint> endpoints) {
  endpoints_ = std::move(endpoints);
  std::reverse(endpoints_.begin(), endpoints_.end());
  writing = &op;
  try_next(0);
}

// Begins with the next endpoint that can be begun with. Where none is left, connecting has failed,
// and `error` is why.
void DeferredUpstream::try_next(int error) {
  try {
    for (watch_.reset(); !endpoints_.empty();) {
      const Endpoint endpoint = endpoints_.back();
      endpoints_.pop_back();
      Socket socket = begin_connect(endpoint, error);
      if (!socket) continue;
      watch_ = reactor_.watch(std::move(socket), *this);
      if (watch_ != nullptr) return watch_->want_writable();
    }
  } catch (const std::bad_alloc&) {
    error = 0;
  }
  state_ = State::failed;
  asyncd_op& op = *std::exchange(writing, nullptr);
  fail(op, error);
  end_.on_end(op);  // which may end this
}

void DeferredUpstream::on_connect_ready() {
  if (writing == nullptr) return;  // given up
  if (const int error = connect_error(watch_->socket()); error != 0) return try_next(error);
  state_ = State::connected;
  asyncd_op& op = *std::exchange(writing, nullptr);
  op.result = ASYNCD_OK;
  end_.on_end(op);
}

void DeferredUpstream::on_ready(Ready ready) {
  if (state_ == State::connecting) return on_connect_ready();
  if (ready.readable && reading != nullptr)
    go_on(*std::exchange(reading, nullptr), &DeferredUpstream::read);
  if (ready.writable && writing != nullptr)
    go_on(*std::exchange(writing, nullptr), &DeferredUpstream::write);
}

void DeferredUpstream::go_on(asyncd_op& op, bool (DeferredUpstream::*transfer)(asyncd_op&)) {
  try {
    if (!(this->*transfer)(op)) return;
  } catch (const std::bad_alloc&) {
    fail(op, 0);
  }
  end_.on_end(op);
}

bool DeferredUpstream::read(asyncd_op& op) {
  if (read_upstream(op, watch_->socket())) return true;
  watch_->want_readable();
  reading = &op;
  return false;
}

bool DeferredUpstream::write(asyncd_op& op) {
  if (write_upstream(op, watch_->socket())) return true;
  watch_->want_writable();
  writing = &op;
  return false;
}

void DeferredUpstream::give_up(const asyncd_op& op) {
  if (reading == &op) reading = nullptr;
  if (writing == &op) writing = nullptr;
}

}  // namespace asyncd
