#include "backends/proactor/asio_loop.h"

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <cstring>

#include "backends/proactor/failed_connect.h"
#include "core/io/deliver.h"
#include "core/net/taken.h"

namespace asyncd {

static_assert(Loop<AsioLoop>);

namespace {

// Asio's hint: all that belongs to the context is used by one thread at a time, so that nothing
// needs a lock.
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
void begin_wait(AsioLoop::SocketType& socket, AsioLoop::SocketType::wait_type what,
                Handler&& handler) {
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

std::uint64_t AsioLoop::of_a_connection() {
  constexpr std::uint64_t in_asio = 512;  // that it keeps for each descriptor that it watches
  return sizeof(Connection) + in_asio;
}

Result<std::unique_ptr<AsioLoop>> AsioLoop::create(Listener& listener, const StopFlag& stop_flag,
                                                   std::uint64_t number) {
  try {
    return std::unique_ptr<AsioLoop>(new AsioLoop(listener, stop_flag, number));
  } catch (const std::exception& failure) {
    return Error{ExitCode::os_limit,
                 std::string(failure.what()) +
                     "; use fewer threads, or raise the limit of open files (ulimit -n)"};
  }
}

AsioLoop::AsioLoop(Listener& listener, const StopFlag& stop_flag, std::uint64_t number)
    : ConnectionLoop(listener, stop_flag, number),
      context_(unlocked),
      waker_(context_, memory_.waker, [this] { on_wake(); }),
      timer_(context_, memory_.timer, [this] { on_timer(); }),
      operations_timer_(context_, memory_.operations_timer, [this] { operations().run(); }) {
  enter();
}

AsioLoop::~AsioLoop() { leave(); }

void AsioLoop::run() {
  begin();
  context_.run();
  finish();
}

void AsioLoop::make_room(std::size_t count) {
  for (auto* list : {&to_read_, &to_read_now_}) list->reserve(count);
}

// A pending timer would keep the context running until it is due.
void AsioLoop::end() {
  timer_.set(never);
  operations_timer_.set(never);
  waker_.close();
}

// A socket of a handler's call. What is pending on it when it ends completes as aborted, and no
// watcher is called.
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

  NativeSocket socket() const override {
    return static_cast<NativeSocket>(state_->socket.native_handle());
  }
  void want_readable() override { want(SocketType::wait_read, {.readable = true}, state_->read); }
  void want_writable() override {
    want(SocketType::wait_write, {.writable = true}, state_->write);
    // Once: what it waits for comes while the socket connects, or never.
    if (std::exchange(awaits_failure_, false))
      want(SocketType::wait_error, {.writable = true}, state_->failure);
  }

 private:
  struct Wait {
    OperationMemory memory;
    bool pending = false;
  };
  struct State {  // lasts until nothing is pending
    State(asio::io_context& context, Watcher& its_watcher)
        : socket(context), watcher(&its_watcher) {}

    SocketType socket;
    Watcher* watcher;  // null: none is to be called any more
    Wait read, write, failure;
  };

  void want(SocketType::wait_type what, Ready ready, Wait& wait) {
    if (wait.pending) return;
    begin_wait(
        state_->socket, what,
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

std::unique_ptr<Watch> AsioLoop::watch(Socket socket, Watcher& watcher) {
  try {
    return std::make_unique<Watched>(context_, std::move(socket), watcher);
  } catch (const asio::system_error&) {
    return nullptr;
  }
}

void AsioLoop::run_operations_at(Instant when) noexcept {
  if (unused()) return;  // without connections no timer may keep it running
  if (when != at_once) return operations_timer_.set(when);
  if (std::exchange(operations_due_, true)) return;
  asio::post(context_, Completion{&memory_.operations, [this] {
                                    operations_due_ = false;
                                    operations().run();
                                  }});
}

AsioLoop::Channel AsioLoop::open_channel(Socket socket) {
  set_non_blocking(socket.handle(), true);
  return Channel(context_, std::move(socket));
}

// Asio tries each read at once. Right after a reply that is a wasted system call: the client has
// not even got it. So reads are started together, once all connections that are ready have been
// served; under load the next message is there by then.
bool AsioLoop::receive(Connection& connection) {
  if (to_read_.empty()) asio::post(context_, Completion{&memory_.reads, [this] { start_reads(); }});
  to_read_.push_back(&connection);
  return false;
}

// One post for all of them.
void AsioLoop::on_turns() {
  asio::post(context_, Completion{&memory_.turns, [this] { take_turns(); }});
}

void AsioLoop::start_reads() {
  to_read_now_.swap(to_read_);
  for (Connection* connection : to_read_now_) {
    if (connection->closed()) {
      connection->on_idle();
      pump(*connection);
    } else if (const CloseReason lost = connection->channel().lost; lost != CloseReason::none) {
      connection->on_read_failed(lost);
      pump(*connection);
    } else
      start_read(*connection);
  }
  to_read_now_.clear();
}

void AsioLoop::start_read(Connection& connection) {
  Channel& channel = connection.channel();
  channel.has_just_read = true;
  channel.socket.async_read_some(
      asio::buffer(channel.input),
      Completion{&channel.read_memory,
                 [this, &connection](const asio::error_code& error, std::size_t bytes) {
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

// What the connection's few bytes hold, and where they were filled, whatever else has arrived by
// now.
std::string_view AsioLoop::read_on(Connection& connection, std::size_t bytes) {
  const auto& input = connection.channel().input;
  if (bytes < input.size() || connection.session().holds_too_much()) return {input.data(), bytes};
  std::memcpy(buffer().data(), input.data(), bytes);
  const IoResult more =
      receive_some(handle_of(connection), {buffer().data() + bytes, buffer().size() - bytes});
  // The system tells an end again, but an error only once.
  if (more.status == IoResult::Status::reset || more.status == IoResult::Status::failed)
    connection.channel().lost = reason_of(more.status);
  return {buffer().data(), bytes + (more.status == IoResult::Status::ok ? more.bytes : 0)};
}

bool AsioLoop::send(Connection& connection, std::string_view output) {
  if (send_directly(connection, handle_of(connection), output)) return true;
  begin_wait(connection.channel().socket, SocketType::wait_write,
             [this, &connection](const asio::error_code&) {
               connection.on_writable();
               pump(connection);
             });
  return false;
}

std::size_t AsioLoop::unread(Connection& connection) { return unread_bytes(handle_of(connection)); }

Taken AsioLoop::taken(Connection& connection) {
  return taken_bytes(handle_of(connection), connection.session().sent_on_wire());
}

void AsioLoop::shutdown_write(Connection& connection) {
  asyncd::shutdown_write(handle_of(connection));
}

// Pending operations complete as aborted; the last of them frees the connection.
void AsioLoop::close(Connection& connection) {
  prepare_close(connection, handle_of(connection));
  asio::error_code ignored;
  connection.channel().socket.close(ignored);
}

void AsioLoop::arm(Connection& connection, Instant deadline) {
  if (wheel().arm(connection, deadline) && deadline < timer_.due()) timer_.set(wheel().next());
}

// Asio tries each read at once and tells of it later: what that took is nowhere to be seen
// meanwhile, but has been told by the next tick.
bool AsioLoop::has_input(Connection& connection, Instant now) {
  if (has_input_waiting(connection, handle_of(connection), now)) return true;
  if (!connection.reading() || now < connection.session().deadline()) return false;
  return std::exchange(connection.channel().has_just_read, false);
}

void AsioLoop::on_timer() {
  expire(Clock::now());
  if (const Instant due = wheel().next(); due < timer_.due() && has_connections()) timer_.set(due);
}

}  // namespace asyncd
