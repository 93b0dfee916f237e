#include "backends/select/select_loop.h"

#include <algorithm>

#include "core/io/deliver.h"

namespace asyncd {

static_assert(Loop<SelectLoop>);

// A socket of a handler's call.
class SelectLoop::Watched final : public Watch {
 public:
  Watched(SelectLoop& loop, Socket socket, std::size_t slot, Watcher& watcher)
      : loop_(loop), socket_(std::move(socket)), slot_(slot), watcher_(watcher) {
    loop_.watched_[slot_] = this;
  }
  ~Watched() override {
    loop_.watched_[slot_] = nullptr;
    loop_.sockets_.set.remove(slot_);
  }

  NativeSocket socket() const override { return socket_.handle(); }
  void want_readable() override { loop_.sockets_.set.watch_readable(slot_, true); }
  void want_writable() override { loop_.sockets_.set.watch_writable(slot_, true); }

  void tell(Ready ready) {
    if (ready.readable) loop_.sockets_.set.watch_readable(slot_, false);
    if (ready.writable) loop_.sockets_.set.watch_writable(slot_, false);
    watcher_.on_ready(ready);  // which may end this
  }

 private:
  SelectLoop& loop_;
  Socket socket_;
  const std::size_t slot_;
  Watcher& watcher_;
};

void SelectLoop::on_hook(void* driver, Instant now) { on_hooks(*static_cast<Connection*>(driver), now); }

void SelectLoop::resume(void* driver) {
  auto& connection = *static_cast<Connection*>(driver);
  on_hooks_over(connection);
  pump(connection);
}

std::unique_ptr<Watch> SelectLoop::watch(Socket socket, Watcher& watcher) {
  const std::optional<std::size_t> slot = sockets_.set.add(socket.handle());
  if (!slot) return nullptr;
  try {
    return std::make_unique<Watched>(*this, std::move(socket), *slot, watcher);
  } catch (const std::bad_alloc&) {
    sockets_.set.remove(*slot);
    throw;
  }
}

void SelectLoop::run_operations() {
  if (operations_due_ == never || operations_due_ > Clock::now()) return;
  operations_due_ = never;
  operations_.run();
}

Result<SelectLoop::Sockets> SelectLoop::watch(const Listener& listener, const Waker& waker) {
  Sockets sockets;
  const auto add = [&](NativeSocket socket, auto take) -> Result<void> {
    const std::optional<std::size_t> slot = sockets.set.add(socket);
    if (slot) return take(*slot), Result<void>();
    return Error{ExitCode::os_limit, "select: the process has too many descriptors open already (ceiling " +
                                         std::to_string(SocketSet::ceiling()) + "); choose another backend"};
  };
  Result<void> added = add(waker.handle(), [&](std::size_t slot) { sockets.waker = slot; });
  for (const NativeSocket socket : listener.handles())
    if (added) added = add(socket, [&](std::size_t slot) { sockets.listening.push_back({socket, slot}); });
  if (!added) return added.error();
  return sockets;
}

SelectLoop::SelectLoop(Listener& listener, const Latch& latch, Waker& waker, Sockets sockets)
    : listener_(listener),
      latch_(latch),
      waker_(waker),
      tally_(listener.stats()),
      record_(listener, HookRecord::Kind::loop, 1),
      workers_(listener.services(), &record_),
      pool_(BufferPool::default_cache, &listener.memory(), [&waker] { waker.wake(); }),
      buffer_(static_cast<std::size_t>(listener.service()->limits.input_buffer)),
      sockets_(std::move(sockets)),
      wheel_(Clock::now()),
      connections_(SocketSet::ceiling()),
      watched_(SocketSet::ceiling()),
      operations_(*this, listener.offload()) {
  for (auto* list : {&turns_, &turns_now_}) list->reserve(SocketSet::ceiling());
  sockets_.set.watch_readable(sockets_.waker, true);
  watch_listener(true);
  listener.sockets().set_unwatch([this](NativeSocket socket) { unwatch_listener(socket); });
  pool_.account().take(buffer_.size());
}

void SelectLoop::run() {
  workers_.refresh();
  for (;;) {
    obey_latch();
    if (news_.exchange(false)) refresh();
    heed_memory();
    if (!accepting_ && connection_count_ == 0 && latch_.leaving()) break;
    sockets_.set.wait(longest_wait());
    dispatch();
    take_turns();
    run_operations();
    expire();
    accept();
  }
  workers_.clear();
}

Duration SelectLoop::longest_wait() const {
  if (!turns_.empty()) return {};
  const Instant until = std::min({wheel_.next(), accept_again_, operations_due_});
  return until == never ? unlimited_time : std::max(Duration(until - Clock::now()), Duration::zero());
}

void SelectLoop::dispatch() {
  std::size_t slot = 0;
  for (Ready ready; sockets_.set.next_ready(slot, ready);) {
    if (slot == sockets_.waker) {
      waker_.drain();
      operations_due_ = at_once;  // perhaps another thread has ended some
      listener_ready_ = true;     // perhaps there is room again
    } else if (is_listening(slot)) {
      listener_ready_ = true;
    } else if (Connection* connection = connections_[slot].get(); connection != nullptr) {
      dispatch(*connection, ready);
    } else if (Watched* watched = watched_[slot]; watched != nullptr) {
      watched->tell(ready);
    }
  }
}

bool SelectLoop::is_listening(std::size_t slot) const {
  return std::any_of(sockets_.listening.begin(), sockets_.listening.end(),
                     [slot](const Listening& one) { return one.slot == slot; });
}

void SelectLoop::dispatch(Connection& connection, Ready ready) {
  const SelectLoop::Channel& channel = connection.channel();
  if (ready.readable) {
    sockets_.set.watch_readable(channel.slot, false);
    if (connection.session().holds_too_much())
      connection.on_idle();
    else
      deliver(connection, receive_some(channel.socket.handle(), buffer_), buffer_.data());
  }
  if (ready.writable) {
    sockets_.set.watch_writable(channel.slot, false);
    connection.on_writable();
  }
  pump(connection);
}

// Pumps, and forgets the connection once it has ended.
void SelectLoop::pump(Connection& connection) {
  connection.pump();
  if (!connection.closed() || connection.yielding() || connection.session().has_calls()) return;
  const EndedConnection ended = connection.ended();
  --connection_count_;
  const std::size_t slot = connection.channel().slot;
  sockets_.set.remove(slot);
  {
    const InHook closes(&record_, connection.service(), ended.info.id);
    connections_[slot].reset();
  }
  pool_.account().give(sizeof(Connection));
  if (connection_count_ == 0) pool_.trim(BufferPool::least_cache);
  listener_.on_closed(ended);
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
  const Instant now = Clock::now();
  wheel_.advance(now, [this, now](DeadlineWheel::Node& node) {
    auto& connection = static_cast<Connection&>(node);
    if (has_input_waiting(connection, connection.channel().socket.handle(), now))
      wheel_.arm(connection, now + DeadlineWheel::tick);
    else
      pump(connection);
  });
}

void SelectLoop::accept() {
  if (!accepting_ || !(listener_ready_ || Clock::now() >= accept_again_)) return;
  accept_again_ = never;
  for (int i = 0; i < Listener::accepts_per_turn; ++i) {
    NewConnection connection;
    switch (listener_.accept(Clock::now(), connection)) {
      case Listener::Answer::accepted:
        adopt(std::move(connection));
        break;
      case Listener::Answer::next:
        break;
      case Listener::Answer::empty:
        accept_again_ = listener_.retry_at();
        watch_listener(true);
        if (latch_.draining()) stop_accepting();
        return;
      case Listener::Answer::later:
      case Listener::Answer::full:
        accept_again_ = listener_.retry_at();
        return watch_listener(false);
      case Listener::Answer::broken:
        return stop_accepting();
    }
  }
  watch_listener(true);
}

void SelectLoop::stop_accepting() {
  if (!accepting_) return;
  watch_listener(accepting_ = false);
  listener_.finish();
}

void SelectLoop::watch_listener(bool on) {
  for (const Listening& one : sockets_.listening) sockets_.set.watch_readable(one.slot, on);
  listener_ready_ = false;
}

// It is about to be closed.
void SelectLoop::unwatch_listener(NativeSocket socket) {
  for (const Listening& one : sockets_.listening)
    if (one.socket == socket) sockets_.set.remove(one.slot);
  std::erase_if(sockets_.listening, [&](const Listening& one) { return one.socket == socket; });
}

void SelectLoop::adopt(NewConnection connection) {
  std::optional<std::size_t> slot;
  try {
    slot = sockets_.set.add(connection.socket.handle());
  } catch (const std::bad_alloc&) {
    return listener_.reject(std::move(connection), RejectReason::no_memory);
  }
  if (!slot) return listener_.reject(std::move(connection), RejectReason::descriptor_too_large);
  Workers::Place worker = workers_.enter(connection.service);
  if (!worker.ok()) return refuse(std::move(connection), *slot, worker.why());
  auto& place = connections_[*slot];
  try {
    const InHook opens(&record_, *connection.service, connection.info.id);
    place = std::make_unique<Connection>(*this, std::move(connection), std::move(worker), pool_);
  } catch (const std::bad_alloc&) {
    return refuse(std::move(connection), *slot, RejectReason::no_memory);
  }
  place->channel().slot = *slot;
  ++connection_count_;
  pool_.account().take(sizeof(Connection));
  if (obeyed_ == Latch::Phase::draining) drain(*place);
  pump(*place);
}

void SelectLoop::refuse(NewConnection connection, std::size_t slot, RejectReason reason) {
  sockets_.set.remove(slot);
  listener_.reject(std::move(connection), reason);
}

void SelectLoop::obey_latch() {
  const Latch::Phase phase = latch_.phase();
  if (phase == obeyed_) return;
  obeyed_ = phase;
  // A drain takes those in who are still in the system's queue.
  if (phase == Latch::Phase::draining)
    listener_ready_ = true, accept();
  else
    stop_accepting();
  if (phase == Latch::Phase::retired) return;
  for (auto& connection : connections_)
    if (connection != nullptr) tell(*connection);
}

void SelectLoop::tell(Connection& connection) {
  if (latch_.stopping())
    connection.fail(CloseReason::stopped);
  else
    drain(connection);
  pump(connection);
}

void SelectLoop::drain(Connection& connection) {
  connection.on_drain(latch_.draining() ? latch_.drain_began() : now());
}

void SelectLoop::refresh() {
  workers_.refresh();
  for (auto& connection : connections_)
    if (connection != nullptr && listener_.services().has_retired(connection->service())) tell(*connection);
}

// While memory is short: those end that have to, and those are looked at again that were not read.
void SelectLoop::heed_memory() {
  if (!pool_.account().has_news()) return;
  {
    MemoryRound round(pool_.account());
    for (auto& connection : connections_)
      if (connection != nullptr && connection->heed(round)) pump(*connection);
  }
  pool_.trim(0);
}

SelectLoop::Channel SelectLoop::open_channel(Socket socket) {
  set_non_blocking(socket.handle(), true);
  return Channel{.socket = std::move(socket)};
}

bool SelectLoop::receive(Connection& driver) {
  sockets_.set.watch_readable(driver.channel().slot, true);
  return false;
}

bool SelectLoop::send(Connection& driver, std::string_view output) {
  const bool settled = send_directly(driver, driver.channel().socket.handle(), output);
  if (!settled) sockets_.set.watch_writable(driver.channel().slot, true);
  return settled;
}

bool SelectLoop::yield(Connection& driver) {
  turns_.push_back(&driver);
  return false;
}

std::size_t SelectLoop::unread(Driver<SelectLoop>& driver) { return unread_bytes(driver.channel().socket.handle()); }

Taken SelectLoop::taken(Driver<SelectLoop>& driver) {
  return taken_bytes(driver.channel().socket.handle(), driver.session().counters().bytes_sent);
}

void SelectLoop::shutdown_write(Connection& driver) { asyncd::shutdown_write(driver.channel().socket.handle()); }

// The descriptor itself is closed with the connection, so that its number cannot come back before then.
void SelectLoop::close(Connection& driver) {
  prepare_close(driver, driver.channel().socket.handle());
  sockets_.set.watch_readable(driver.channel().slot, false);
  sockets_.set.watch_writable(driver.channel().slot, false);
}

}  // namespace asyncd
