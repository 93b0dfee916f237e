#include "core/io/deferred_upstream.h"

#include <algorithm>
#include <utility>

namespace asyncd {

void DeferredUpstream::connect(asyncd_op& op, std::vector<Endpoint> endpoints) {
  endpoints_ = std::move(endpoints);
  std::reverse(endpoints_.begin(), endpoints_.end());
  const int error = try_next(0);
  writing = &op;
  if (watch_ != nullptr) return;
  state_ = State::failed;
  fail(op, error);
  writing = nullptr;
  end_.on_end(op);
}

// Begins with the next endpoint that can be begun with. Without a watch then: none is left, and this is why.
int DeferredUpstream::try_next(int error) {
  while (watch_ == nullptr && !endpoints_.empty()) {
    const Endpoint endpoint = endpoints_.back();
    endpoints_.pop_back();
    Socket socket = begin_connect(endpoint, error);
    if (!socket) continue;
    watch_ = reactor_.watch(std::move(socket), *this);
    if (watch_ != nullptr) watch_->want_writable();
  }
  return error;
}

void DeferredUpstream::on_connect_ready() {
  if (writing == nullptr) return;  // given up
  asyncd_op& op = *writing;
  int error = connect_error(watch_->socket());
  if (error == 0) {
    state_ = State::connected;
    op.result = ASYNCD_OK;
  } else {
    watch_.reset();
    try {
      error = try_next(error);
    } catch (const std::bad_alloc&) {
      watch_.reset();
    }
    if (watch_ != nullptr) return;
    state_ = State::failed;
    fail(op, error);
  }
  writing = nullptr;
  end_.on_end(op);
}

void DeferredUpstream::on_ready(Ready ready) {
  if (state_ == State::connecting) return on_connect_ready();
  if (ready.readable && reading != nullptr) {
    asyncd_op& op = *std::exchange(reading, nullptr);
    if (read(op)) end_.on_end(op);
  }
  if (ready.writable && writing != nullptr) {
    asyncd_op& op = *std::exchange(writing, nullptr);
    if (write(op)) end_.on_end(op);
  }
}

bool DeferredUpstream::read(asyncd_op& op) {
  if (read_upstream(op, watch_->socket())) return true;
  reading = &op;
  watch_->want_readable();
  return false;
}

bool DeferredUpstream::write(asyncd_op& op) {
  if (write_upstream(op, watch_->socket())) return true;
  writing = &op;
  watch_->want_writable();
  return false;
}

void DeferredUpstream::give_up(const asyncd_op& op) {
  if (reading == &op) reading = nullptr;
  if (writing == &op) writing = nullptr;
}

}  // namespace asyncd
