#include "backends/select/select_loop.h"

#include <algorithm>

#include "core/io/deliver.h"

namespace asyncd {

static_assert(Loop<SelectLoop>);

namespace {

constexpr int accepts_per_turn = 64;

}  // namespace

SelectLoop::SelectLoop(Listener& listener, const Latch& latch, Waker& waker)
    : listener_(listener),
      latch_(latch),
      waker_(waker),
      worker_(listener.service()),
      buffer_(static_cast<std::size_t>(listener.service().limits.input_buffer)),
      wheel_(Clock::now()),
      connections_(SocketSet::ceiling()) {
  sockets_.watch_readable(waker_.handle(), true);
  watch_listener(true);
}

void SelectLoop::run() {
  for (;;) {
    obey_latch();
    if (!accepting_ && connection_count_ == 0 && latch_.draining()) return;
    sockets_.wait(longest_wait());
    dispatch();
    take_turns();
    expire();
    accept();
  }
}

Duration SelectLoop::longest_wait() const {
  if (!turns_.empty()) return {};
  const Instant until = std::min(wheel_.next(), accept_again_);
  return until == never ? unlimited_time : std::max(Duration(until - Clock::now()), Duration::zero());
}

void SelectLoop::dispatch() {
  NativeSocket socket = no_socket;
  for (Ready ready; sockets_.next_ready(socket, ready);) {
    if (socket == waker_.handle()) {
      waker_.drain();
      listener_ready_ = true;  // perhaps there is room again
    } else if (socket == listener_.handle()) {
      listener_ready_ = true;
    } else if (Connection* connection = connections_[static_cast<std::size_t>(socket)].get(); connection != nullptr) {
      dispatch(*connection, ready);
    }
  }
}

void SelectLoop::dispatch(Connection& connection, Ready ready) {
  const NativeSocket socket = connection.channel().socket.handle();
  if (ready.readable) {
    sockets_.watch_readable(socket, false);
    deliver(connection, receive_some(socket, buffer_), buffer_.data());
  }
  if (ready.writable) {
    sockets_.watch_writable(socket, false);
    connection.on_writable();
  }
  pump(connection);
}

// Pumps, and forgets the connection once it has ended.
void SelectLoop::pump(Connection& connection) {
  connection.pump();
  if (!connection.closed() || connection.yielding()) return;
  listener_.on_closed(connection.info(), connection.session());
  --connection_count_;
  connections_[static_cast<std::size_t>(connection.channel().socket.handle())].reset();
}

void SelectLoop::take_turns() {
  turns_now_.swap(turns_);
  for (Connection* connection : turns_now_) {
    connection->on_turn();
    pump(*connection);
  }
  turns_now_.clear();
}

void SelectLoop::expire() {
  wheel_.advance(Clock::now(), [this](DeadlineWheel::Node& node) { pump(static_cast<Connection&>(node)); });
}

void SelectLoop::accept() {
  if (!accepting_ || !(listener_ready_ || Clock::now() >= accept_again_)) return;
  accept_again_ = never;
  for (int i = 0; i < accepts_per_turn; ++i) {
    NewConnection connection;
    switch (listener_.accept(Clock::now(), connection)) {
      case Listener::Answer::accepted:
        adopt(std::move(connection));
        break;
      case Listener::Answer::empty:
        watch_listener(true);
        if (latch_.draining()) watch_listener(accepting_ = false);
        return;
      case Listener::Answer::later:
        accept_again_ = listener_.retry_at();
        [[fallthrough]];
      case Listener::Answer::full:
        return watch_listener(false);
      case Listener::Answer::broken:
        return watch_listener(accepting_ = false);
    }
  }
  watch_listener(true);
}

void SelectLoop::watch_listener(bool on) {
  sockets_.watch_readable(listener_.handle(), on);
  listener_ready_ = false;
}

void SelectLoop::adopt(NewConnection connection) {
  const NativeSocket socket = connection.socket.handle();
  if (!SocketSet::can_hold(socket)) {
    if (std::uint64_t suppressed = 0; ceiling_log_.allow(Clock::now(), suppressed))
      log::warn("connection refused: select cannot watch descriptors beyond its ceiling; another backend can",
                {{"listener", listener_.name()},
                 {"descriptor", socket},
                 {"ceiling", SocketSet::ceiling()},
                 {"suppressed", suppressed}});
    return listener_.reject(std::move(connection), RejectReason::descriptor_too_large);
  }
  if (!worker_.ok()) return listener_.reject(std::move(connection), RejectReason::no_memory);
  auto& place = connections_[static_cast<std::size_t>(socket)];
  try {
    place = std::make_unique<Connection>(*this, std::move(connection), listener_.service(), pool_, worker_.state());
  } catch (const std::bad_alloc&) {
    return listener_.reject(std::move(connection), RejectReason::no_memory);
  }
  ++connection_count_;
  if (obeyed_ == Latch::Phase::draining) place->on_drain();
  pump(*place);
}

void SelectLoop::obey_latch() {
  const Latch::Phase phase = latch_.phase();
  if (phase == obeyed_) return;
  obeyed_ = phase;
  // A drain takes those in who are still in the system's queue; a stop does not.
  if (phase == Latch::Phase::stopping)
    watch_listener(accepting_ = false);
  else
    listener_ready_ = true, accept();
  for (auto& connection : connections_) {
    if (connection == nullptr) continue;
    if (phase == Latch::Phase::stopping)
      connection->fail(CloseReason::stopped);
    else
      connection->on_drain();
    pump(*connection);
  }
}

SelectLoop::Channel SelectLoop::open_channel(Socket socket) const {
  set_non_blocking(socket.handle(), true);
  return Channel{std::move(socket)};
}

bool SelectLoop::receive(Connection& driver) {
  sockets_.watch_readable(driver.channel().socket.handle(), true);
  return false;
}

bool SelectLoop::send(Connection& driver, std::string_view output) {
  const NativeSocket socket = driver.channel().socket.handle();
  const bool settled = send_directly(driver, socket, output);
  if (!settled) sockets_.watch_writable(socket, true);
  return settled;
}

bool SelectLoop::yield(Connection& driver) {
  turns_.push_back(&driver);
  return false;
}

void SelectLoop::shutdown_write(Connection& driver) { asyncd::shutdown_write(driver.channel().socket.handle()); }

// The descriptor itself is closed with the connection, so that its number cannot come back before then.
void SelectLoop::close(Connection& driver) {
  const NativeSocket socket = driver.channel().socket.handle();
  sockets_.watch_readable(socket, false);
  sockets_.watch_writable(socket, false);
}

}  // namespace asyncd
