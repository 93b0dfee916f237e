#include "tests/support/sim_wire.h"

#include <algorithm>
#include <array>

namespace asyncd::test {

namespace {

// One end has closed, or lost its connection: what comes now is not read.
void meet_nobody(SimPipe& arriving, SimPipe& leaving, Instant now) {
  if (arriving.unread() == 0) return;
  arriving.discard();
  leaving.reset(now);
}

}  // namespace

SimWire::SimWire(const Shape& shape)
    : to_server_({.latency = shape.latency, .receive_buffer = shape.receive_buffer}),
      to_client_({shape.latency, shape.send_buffer, shape.window, shape.least_room}),
      resets_destroy_(shape.resets_destroy) {}

void SimWire::advance(Instant now) {
  while (next() <= now) {
    to_server_.advance(now);
    to_client_.advance(now);
    if (server_closed_) meet_nobody(to_server_, to_client_, now);
    if (client_closed_) meet_nobody(to_client_, to_server_, now);
    if (to_server_.was_reset()) to_client_.abandon();
    if (to_client_.was_reset()) to_server_.abandon();
    if (resets_destroy_ && to_server_.was_reset()) to_server_.discard();
    if (resets_destroy_ && to_client_.was_reset()) to_client_.discard();
  }
}

IoResult SimWire::read(std::span<char> buffer, Instant now) {
  if (to_server_.unread() != 0) return {IoResult::Status::ok, to_server_.take(buffer, now)};
  if (broken(to_server_) && !told_) {
    told_ = true;
    return {IoResult::Status::reset};
  }
  return {to_server_.has_ended() || told_ ? IoResult::Status::eof : IoResult::Status::would_block};
}

IoResult SimWire::write(std::string_view bytes, Instant now) {
  if (to_server_.was_reset()) {
    told_ = true;
    return {IoResult::Status::reset};
  }
  const std::size_t count = std::min(bytes.size(), to_client_.room());
  if (count == 0) return {IoResult::Status::would_block};
  to_client_.write(bytes.substr(0, count), now);
  return {IoResult::Status::ok, count};
}

void SimWire::close(Instant now) {
  server_closed_ = true;
  meet_nobody(to_server_, to_client_, now);
  to_client_.end(now);
}

void SimWire::abort(Instant now) {
  server_closed_ = true;
  to_client_.reset(now);
}

void SimWire::leave(Instant now) {
  client_closed_ = true;
  meet_nobody(to_client_, to_server_, now);
  to_server_.end(now);
}

void SimWire::reset(Instant now) {
  client_closed_ = true;
  to_server_.reset(now);
}

std::size_t SimWire::take(std::size_t most, Instant now) {
  std::array<char, 4096> scratch;
  std::size_t taken = 0;
  while (taken < most && to_client_.unread() != 0)
    taken += to_client_.take(std::span(scratch).first(std::min(scratch.size(), most - taken)), now);
  return taken;
}

}  // namespace asyncd::test
