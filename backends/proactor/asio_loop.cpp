#include "backends/proactor/asio_loop.h"

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <cstring>

#include "backends/proactor/failed_connect.h"
#include "core/io/deliver.h"

namespace asyncd {

static_assert(Loop<AsioLoop>);

namespace {

constexpr std::uint64_t memory_of_one = sizeof(AsioLoop::Connection) + AsioLoop::in_asio;

// Asio's hint: all that belongs to the context is used by one thread at a time, so that nothing needs a lock.
constexpr int unlocked = ASIO_CONCURRENCY_HINT_UNSAFE;

NativeSocket handle_of(AsioLoop::Connection& connection) {
  return static_cast<NativeSocket>(connection.channel().socket.native_handle());
}

// The descriptor stays the Socket's, which closes it, until Asio has taken it in.
void take_in(AsioLoop::SocketType& socket, Socket accepted) {
  socket.assign(asio::generic::stream_protocol(asio::ip::tcp::v4()),
                static_cast<AsioLoop::SocketType::native_handle_type>(accepted.handle()));
  accepted.release();
}

template <class Handler>
void begin_wait(AsioLoop::SocketType& socket, AsioLoop::SocketType::wait_type what, Handler&& handler) {
  try {
    socket.async_wait(what, std::forward<Handler>(handler));
  } catch (const asio::system_error&) {
    throw std::bad_alloc();  // whatever the system lacks to begin it
  }
}

}  // namespace

AsioLoop::Channel::Channel(asio::io_context& context, Socket accepted) : socket(context) {
  take_in(socket, std::move(accepted));
}

AsioLoop::AsioLoop(Listener& listener, const Latch& latch, std::uint64_t number)
    : listener_(listener),
      latch_(latch),
      tally_(listener.stats()),
      context_(unlocked),
      waker_(context_, memory_.waker, [this] { on_wake(); }),
      timer_(context_, memory_.timer, [this] { expire(); }),
      operations_timer_(context_, memory_.operations_timer, [this] { operations_.run(); }),
      wheel_(Clock::now()),
      pool_(BufferPool::default_cache, &listener.memory(), [this] { wake(); }),
      record_(listener, HookRecord::Kind::loop, number),
      workers_(listener.services(), &record_),
      buffer_(static_cast<std::size_t>(listener.service()->limits.input_buffer)),
      operations_(*this, listener.offload()) {
  pool_.account().take(buffer_.size());
}

AsioLoop::~AsioLoop() = default;

void AsioLoop::run() {
  workers_.refresh();
  context_.run();
  workers_.clear();
}

void AsioLoop::hand_over(NewConnection&& connection) {
  if (intake_.add(std::move(connection))) wake();
  if (latch_.stopping()) turn_away();  // the thread that stopped it may have looked before
}

void AsioLoop::turn_away() {
  while (std::optional<NewConnection> connection = intake_.take())
    listener_.reject(std::move(*connection), RejectReason::stopping);
}

// One by one, because each may have a hook called that does not return.
void AsioLoop::on_wake() {
  const bool last = released_;  // connections handed over before are in the intake
  while (std::optional<NewConnection> connection = intake_.take()) adopt(std::move(*connection));
  if (latch_.phase() != obeyed_) obey_latch();
  if (news_.exchange(false)) refresh();
  operations_.run();
  heed_memory();
  may_end_ = last || latch_.stopping();
  end_when_unused();
}

void AsioLoop::adopt(NewConnection connection) {
  if (latch_.stopping()) return listener_.reject(std::move(connection), RejectReason::stopping);
  Connection* made = make(std::move(connection));
  if (made == nullptr) return;
  if (latch_.draining() || listener_.services().has_retired(made->service())) drain(*made);
  pump(*made);
}

// Null, and the client rejected, where the handler has no worker here, or memory is short, the system's for watching
// sockets (an asio error) included.
AsioLoop::Connection* AsioLoop::make(NewConnection connection) {
  Workers::Place place = workers_.enter(connection.service);
  if (!place.ok()) return listener_.reject(std::move(connection), place.why()), nullptr;
  try {
    const InHook opens(&record_, *connection.service, connection.info.id);
    auto made = std::make_unique<Connection>(*this, std::move(connection), std::move(place), pool_);
    made->channel().index = connections_.size();
    make_room();
    connections_.push_back(made.get());
    pool_.account().take(memory_of_one);
    return made.release();
  } catch (const std::exception&) {
    listener_.reject(std::move(connection), RejectReason::no_memory);
    return nullptr;
  }
}

// For one more connection, in every list that it may be in: while it serves nothing allocates.
void AsioLoop::make_room() {
  if (connections_.size() < connections_.capacity()) return;
  for (auto* list : {&to_read_, &to_read_now_, &turns_, &turns_now_, &connections_})
    list->reserve(2 * connections_.size() + 16);
}

void AsioLoop::obey_latch() {
  obeyed_ = latch_.phase();
  if (obeyed_ == Latch::Phase::retired) return;
  // Backwards, because pump takes connections out that have ended, each replaced by the last.
  for (std::size_t i = connections_.size(); i-- > 0;) tell(*connections_[i]);
}

void AsioLoop::refresh() {
  workers_.refresh();
  for (std::size_t i = connections_.size(); i-- > 0;)
    if (listener_.services().has_retired(connections_[i]->service())) tell(*connections_[i]);
}

// While memory is short: those end that have to, and those are looked at again that were not read.
void AsioLoop::heed_memory() {
  if (!pool_.account().has_news()) return;
  {
    MemoryRound round(pool_.account());
    for (std::size_t i = connections_.size(); i-- > 0;)
      if (connections_[i]->heed(round)) pump(*connections_[i]);
  }
  pool_.trim(0);
}

void AsioLoop::tell(Connection& connection) {
  if (latch_.stopping())
    connection.fail(CloseReason::stopped);
  else
    drain(connection);
  pump(connection);
}

void AsioLoop::drain(Connection& connection) { connection.on_drain(latch_.draining() ? latch_.drain_began() : now()); }

// A pending timer would keep the context running until it is due.
void AsioLoop::end_when_unused() {
  if (!may_end_ || !connections_.empty()) return;
  timer_.set(never);
  operations_timer_.set(never);
  waker_.close();
}

// Pumps, and forgets the connection once it has ended and no operation of it is pending.
void AsioLoop::pump(Connection& connection) {
  connection.pump();
  if (!connection.over()) return;
  const EndedConnection ended = connection.ended();
  const std::size_t index = connection.channel().index;
  connections_[index] = connections_.back();
  connections_[index]->channel().index = index;
  connections_.pop_back();
  {
    const InHook closes(&record_, connection.service(), ended.info.id);
    delete &connection;
  }
  pool_.account().give(memory_of_one);
  if (connections_.empty()) pool_.trim(BufferPool::least_cache);
  listener_.on_closed(ended);
  end_when_unused();
}

// A socket of a handler's call. What is pending on it when it ends completes as aborted, and tells nobody then.
class AsioLoop::Watched final : public Watch {
 public:
  Watched(asio::io_context& context, Socket socket, Watcher& watcher)
      : state_(std::make_shared<State>(context, watcher)) {
    take_in(state_->socket, std::move(socket));
  }
  ~Watched() override {
    state_->watcher = nullptr;
    asio::error_code ignored;
    state_->socket.close(ignored);
  }

  NativeSocket socket() const override { return static_cast<NativeSocket>(state_->socket.native_handle()); }
  void want_readable() override { want(SocketType::wait_read, {.readable = true}, state_->read); }
  void want_writable() override {
    want(SocketType::wait_write, {.writable = true}, state_->write);
    // Once: what it waits for comes while the socket connects, or never.
    if (std::exchange(awaits_failure_, false)) want(SocketType::wait_error, {.writable = true}, state_->failure);
  }

 private:
  struct Wait {
    OperationMemory memory;
    bool pending = false;
  };
  struct State {  // lasts until nothing is pending
    State(asio::io_context& context, Watcher& whom) : socket(context), watcher(&whom) {}

    SocketType socket;
    Watcher* watcher;  // null once nobody is to be told
    Wait read, write, failure;
  };

  void want(SocketType::wait_type what, Ready ready, Wait& wait) {
    if (wait.pending) return;
    begin_wait(state_->socket, what,
               Completion{&wait.memory, [state = state_, &wait, ready](const asio::error_code& error) {
                            wait.pending = false;
                            if (error != asio::error::operation_aborted && state->watcher != nullptr)
                              state->watcher->on_ready(ready);
                          }});
    wait.pending = true;
  }

  const std::shared_ptr<State> state_;
  bool awaits_failure_ = failed_connect_is_not_writable;
};

void AsioLoop::on_hook(void* driver, Instant now) { on_hooks(*static_cast<Connection*>(driver), now); }

void AsioLoop::resume(void* driver) {
  auto& connection = *static_cast<Connection*>(driver);
  on_hooks_over(connection);
  pump(connection);
}

std::unique_ptr<Watch> AsioLoop::watch(Socket socket, Watcher& watcher) {
  try {
    return std::make_unique<Watched>(context_, std::move(socket), watcher);
  } catch (const asio::system_error&) {
    return nullptr;
  }
}

void AsioLoop::run_operations_at(Instant when) noexcept {
  if (may_end_ && connections_.empty()) return;  // without connections no timer may keep it running
  if (when != at_once) return operations_timer_.set(when);
  if (std::exchange(operations_due_, true)) return;
  asio::post(context_, Completion{&memory_.operations, [this] {
                                    operations_due_ = false;
                                    operations_.run();
                                  }});
}

AsioLoop::Channel AsioLoop::open_channel(Socket socket) {
  set_non_blocking(socket.handle(), true);
  return Channel(context_, std::move(socket));
}

// Asio tries each read at once. Right after a reply that is a wasted system call: the client has not even got it. So
// reads are started together, once all connections that are ready have been served; under load the next message is
// there by then.
bool AsioLoop::receive(Connection& connection) {
  if (to_read_.empty()) asio::post(context_, Completion{&memory_.reads, [this] { start_reads(); }});
  to_read_.push_back(&connection);
  return false;
}

// One post for all of them.
bool AsioLoop::yield(Connection& connection) {
  if (turns_.empty()) asio::post(context_, Completion{&memory_.turns, [this] { take_turns(); }});
  turns_.push_back(&connection);
  return false;
}

void AsioLoop::take_turns() {
  turns_now_.swap(turns_);
  for (Connection* connection : turns_now_) connection->on_turn(), pump(*connection);
  turns_now_.clear();
}

void AsioLoop::start_reads() {
  to_read_now_.swap(to_read_);
  for (Connection* connection : to_read_now_) {
    if (connection->closed())
      connection->on_idle(), pump(*connection);
    else if (const CloseReason lost = connection->channel().lost; lost != CloseReason::none)
      connection->on_read_failed(lost), pump(*connection);
    else
      start_read(*connection);
  }
  to_read_now_.clear();
}

void AsioLoop::start_read(Connection& connection) {
  Channel& channel = connection.channel();
  channel.has_just_read = true;
  channel.socket.async_read_some(
      asio::buffer(channel.input),
      Completion{&channel.read_memory, [this, &connection](const asio::error_code& error, std::size_t bytes) {
                   on_read(connection, error, bytes);
                 }});
}

void AsioLoop::on_read(Connection& connection, const asio::error_code& error, std::size_t bytes) {
  if (!error)
    connection.on_bytes(connection.closed() ? std::string_view() : read_on(connection, bytes));
  else if (error == asio::error::eof)
    connection.on_eof();
  else if (error == asio::error::operation_aborted)
    connection.on_idle();
  else
    connection.on_read_failed(reason_of(classify_io_error(error.value())));
  pump(connection);
}

// What the connection's few bytes hold, and where they were filled, whatever else has arrived by now.
std::string_view AsioLoop::read_on(Connection& connection, std::size_t bytes) {
  const auto& input = connection.channel().input;
  if (bytes < input.size() || connection.session().holds_too_much()) return {input.data(), bytes};
  std::memcpy(buffer_.data(), input.data(), bytes);
  const IoResult more = receive_some(handle_of(connection), {buffer_.data() + bytes, buffer_.size() - bytes});
  // The system tells an end again, but an error only once.
  if (more.status == IoResult::Status::reset || more.status == IoResult::Status::failed)
    connection.channel().lost = reason_of(more.status);
  return {buffer_.data(), bytes + (more.status == IoResult::Status::ok ? more.bytes : 0)};
}

bool AsioLoop::send(Connection& connection, std::string_view output) {
  if (send_directly(connection, handle_of(connection), output)) return true;
  begin_wait(connection.channel().socket, SocketType::wait_write, [this, &connection](const asio::error_code&) {
    connection.on_writable();
    pump(connection);
  });
  return false;
}

std::size_t AsioLoop::unread(Connection& connection) { return unread_bytes(handle_of(connection)); }

Taken AsioLoop::taken(Connection& connection) {
  return taken_bytes(handle_of(connection), connection.session().counters().bytes_sent);
}

void AsioLoop::shutdown_write(Connection& connection) { asyncd::shutdown_write(handle_of(connection)); }

// Pending operations complete as aborted; the last of them frees the connection.
void AsioLoop::close(Connection& connection) {
  prepare_close(connection, handle_of(connection));
  asio::error_code ignored;
  connection.channel().socket.close(ignored);
}

void AsioLoop::arm(Connection& connection, Instant deadline) {
  if (wheel_.arm(connection, deadline) && deadline < timer_.due()) timer_.set(wheel_.next());
}

// Asio tries each read at once and tells of it later: what that took is nowhere to be seen meanwhile, but has been told
// by the next tick.
bool AsioLoop::has_input_untold(Connection& connection, Instant now) {
  if (!connection.reading() || now < connection.session().deadline()) return false;
  return std::exchange(connection.channel().has_just_read, false);
}

void AsioLoop::expire() {
  const Instant now = Clock::now();
  wheel_.advance(now, [this, now](DeadlineWheel::Node& node) {
    auto& connection = static_cast<Connection&>(node);
    if (has_input_waiting(connection, handle_of(connection), now) || has_input_untold(connection, now))
      wheel_.arm(connection, now + DeadlineWheel::tick);
    else
      pump(connection);
  });
  if (const Instant due = wheel_.next(); due < timer_.due() && !connections_.empty()) timer_.set(due);
}

}  // namespace asyncd
