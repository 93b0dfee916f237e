// EventLoop: one thread serves connections by readiness: a socket set waits for them, and tells
// which can be read or written. The order of a round matters: connections first, then the reads
// that need no waiting, then those that gave up their turn, then deadlines (what has arrived is
// read before a client is called idle), and new connections last.
#pragma once

#include <algorithm>
#include <concepts>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/io/connection_loop.h"
#include "core/io/deliver.h"
#include "core/net/taken.h"
#include "core/net/waker.h"

namespace asyncd {

// SocketSet: what differs between select, poll, epoll and their like. A socket has a slot, a small
// number, from add to remove; whatever a wait has found before, nothing of it is told of the next
// socket that gets the slot. That it is readable, and that it is writable, is each told once after
// it was wanted, by next_ready. Nothing is wanted at first.
//
// holds           whether the set can take this socket
// add             std::bad_alloc where the system or the process has no room for one more
// want_readable   true: it is known to be readable already, so nothing will be reported
// read_short      a read of a lasting socket got less than it asked for
// read_nothing    it found nothing. An edge-triggered set takes a socket for readable until one of
//                 these two is called
// unwant          nothing is wanted any more
enum class Watching : std::uint8_t {
  lasting,     // for as long as it is there: a connection, the waker
  occasional,  // for one event at a time: a socket of a handler's call
};

template <class Set>
concept SocketSet = requires(Set& set, NativeSocket socket, std::size_t slot, Duration longest,
                             Ready& ready) {
  { Set::create() } -> std::same_as<Result<Set>>;
  // unlimited_count: as many as there are descriptors
  { Set::most_sockets() } -> std::same_as<std::uint64_t>;
  { Set::own_descriptors() } -> std::same_as<std::uint64_t>;
  { set.holds(socket) } -> std::same_as<bool>;
  { set.add(socket, Watching::lasting) } -> std::same_as<std::size_t>;
  {set.remove(slot)};
  { set.want_readable(slot) } -> std::same_as<bool>;
  {set.want_writable(slot)};
  {set.read_short(slot)};
  {set.read_nothing(slot)};
  {set.unwant(slot)};
  // or until something is ready, or a signal comes; unlimited_time: no longest
  {set.wait(longest)};
  { set.next_ready(slot, ready) } -> std::same_as<bool>;
};

template <SocketSet Set>
class EventLoop final : public ConnectionLoop<EventLoop<Set>> {
 public:
  using Base = ConnectionLoop<EventLoop>;
  using typename Base::Connection;

  struct Channel {
    Socket socket;
    std::size_t slot;
    std::size_t index = 0;  // in the loop's list of connections
    bool to_read = false;   // it is in the list of those that are read without waiting
  };
  // with its share of the lists
  static std::uint64_t of_a_connection() { return sizeof(Connection) + 160; }

  static std::uint64_t most_connections() { return Set::most_sockets(); }
  // and two to be woken by
  static std::uint64_t own_descriptors() { return Set::own_descriptors() + 2; }

  static Result<std::unique_ptr<EventLoop>> create(Listener& listener, const StopFlag& stop_flag,
                                                   std::uint64_t number) {
    Result<Set> set = Set::create();
    if (!set) return set.error();
    Result<Waker> waker = Waker::create();
    if (!waker) return waker.error();
    if (!set->holds(waker->handle()))
      return Error{ExitCode::os_limit,
                   "the process has too many descriptors open already (the highest that can be "
                   "watched is " +
                       std::to_string(Set::most_sockets() - 1) + "); choose another backend"};
    return std::unique_ptr<EventLoop>(
        new EventLoop(listener, stop_flag, number, std::move(*set), std::move(*waker)));
  }

  ~EventLoop() override { Base::leave(); }

  // Until all connections have ended, after release or a stop.
  void run() {
    Base::begin();
    while (!ended_) {
      set_.wait(longest_wait());
      dispatch();
      start_reads();
      Base::take_turns();
      run_operations();
      Base::expire(Clock::now());
      if (std::exchange(woken_, false)) Base::on_wake();
    }
    Base::finish();
  }

  void wake() noexcept override { waker_.wake(); }

  Channel open_channel(Socket socket) {
    set_non_blocking(socket.handle(), true);
    const std::size_t slot = add(socket.handle(), Watching::lasting);
    return Channel{.socket = std::move(socket), .slot = slot};
  }

  // Never done at once, so that one client that sends without a pause does not keep the others
  // waiting.
  bool receive(Connection& connection) {
    Channel& channel = connection.channel();
    ASYNCD_REQUIRE(!channel.to_read, "a connection has one receive pending at a time");
    owners_[channel.slot].connection = &connection;
    if (!set_.want_readable(channel.slot)) return false;
    channel.to_read = true;
    to_read_.push_back(&connection);
    return false;
  }

  bool send(Connection& connection, std::string_view output) {
    Channel& channel = connection.channel();
    if (send_directly(connection, channel.socket.handle(), output)) return true;
    owners_[channel.slot].connection = &connection;
    set_.want_writable(channel.slot);
    return false;
  }

  std::size_t unread(Connection& connection) {
    return unread_bytes(connection.channel().socket.handle());
  }
  Taken taken(Connection& connection) {
    return taken_bytes(connection.channel().socket.handle(), connection.session().sent_on_wire());
  }
  void shutdown_write(Connection& connection) {
    asyncd::shutdown_write(connection.channel().socket.handle());
  }

  // The descriptor itself is closed with the connection, so that its number cannot come back before
  // then.
  void close(Connection& connection) {
    Channel& channel = connection.channel();
    prepare_close(connection, channel.socket.handle());
    set_.unwant(channel.slot);
    connection.on_writable();
    if (!channel.to_read) connection.on_idle();
  }
  void arm(Connection& connection, Instant deadline) { Base::wheel().arm(connection, deadline); }

 private:
  friend Base;

  // A socket of a handler's call.
  class Watched final : public Watch {
   public:
    Watched(EventLoop& loop, Socket socket, std::size_t slot, Watcher& watcher)
        : loop_(loop), socket_(std::move(socket)), slot_(slot), watcher_(watcher) {
      loop_.owners_[slot_].watched = this;
    }
    ~Watched() override {
      loop_.owners_[slot_] = {};
      loop_.set_.remove(slot_);
    }

    NativeSocket socket() const override { return socket_.handle(); }
    void want_readable() override { static_cast<void>(loop_.set_.want_readable(slot_)); }
    void want_writable() override { loop_.set_.want_writable(slot_); }
    void tell(Ready ready) { watcher_.on_ready(ready); }  // which may end this

   private:
    EventLoop& loop_;
    Socket socket_;
    const std::size_t slot_;
    Watcher& watcher_;
  };

  // Of a slot: one of both, or neither.
  struct Owner {
    Connection* connection = nullptr;
    Watched* watched = nullptr;
  };

  EventLoop(Listener& listener, const StopFlag& stop_flag, std::uint64_t number, Set set,
            Waker waker)
      : Base(listener, stop_flag, number),
        set_(std::move(set)),
        waker_(std::move(waker)),
        waker_slot_(add(waker_.handle(), Watching::lasting)) {
    set_.want_readable(waker_slot_);
    Base::enter();
  }

  std::size_t add(NativeSocket socket, Watching how) {
    const std::size_t slot = set_.add(socket, how);
    try {
      if (slot >= owners_.size()) owners_.resize(std::max(slot + 1, 2 * owners_.size()));
    } catch (const std::bad_alloc&) {
      set_.remove(slot);
      throw;
    }
    owners_[slot] = {};
    return slot;
  }

  std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) override {
    if (!set_.holds(socket.handle())) return nullptr;
    const std::size_t slot = add(socket.handle(), Watching::occasional);
    try {
      return std::make_unique<Watched>(*this, std::move(socket), slot, watcher);
    } catch (const std::bad_alloc&) {
      set_.remove(slot);
      throw;
    }
  }
  void run_operations_at(Instant when) noexcept override {
    operations_due_ = std::min(operations_due_, when);
  }
  void run_operations() {
    if (operations_due_ == never || operations_due_ > Clock::now()) return;
    operations_due_ = never;
    Base::operations().run();
  }

  Duration longest_wait() const {
    if (Base::has_turns() || !to_read_.empty()) return {};
    const Instant until = std::min(Base::wheel().next(), operations_due_);
    return until == never ? unlimited_time
                          : std::max(Duration(until - Clock::now()), Duration::zero());
  }

  void dispatch() {
    std::size_t slot = 0;
    for (Ready ready; set_.next_ready(slot, ready);) {
      if (const Owner owner = owners_[slot]; owner.connection != nullptr)
        dispatch(*owner.connection, ready);
      else if (owner.watched != nullptr)
        owner.watched->tell(ready);
      else if (slot == waker_slot_)
        on_waker();
    }
  }

  void dispatch(Connection& connection, Ready ready) {
    if (ready.readable) read(connection);
    if (ready.writable) connection.on_writable();
    Base::pump(connection);
  }

  void on_waker() {
    waker_.drain();
    set_.read_nothing(waker_slot_);
    set_.want_readable(waker_slot_);
    woken_ = true;
  }

  void read(Connection& connection) {
    if (connection.session().holds_too_much()) return connection.on_idle();
    std::vector<char>& buffer = Base::buffer();
    const IoResult result = receive_some(connection.channel().socket.handle(), buffer);
    const std::size_t slot = connection.channel().slot;
    if (result.status == IoResult::Status::would_block)
      set_.read_nothing(slot);
    else if (result.bytes < buffer.size())
      set_.read_short(slot);
    deliver(connection, result, buffer.data());
  }

  void start_reads() {
    to_read_now_.swap(to_read_);
    for (Connection* connection : to_read_now_) {
      connection->channel().to_read = false;
      if (connection->closed())
        connection->on_idle();
      else
        read(*connection);
      Base::pump(*connection);
    }
    to_read_now_.clear();
  }

  // For ConnectionLoop.
  std::optional<RejectReason> refuses(const Socket& socket) const {
    return set_.holds(socket.handle()) ? std::nullopt
                                       : std::optional(RejectReason::descriptor_too_large);
  }
  void on_turns() {}
  void make_room(std::size_t count) {
    for (auto* list : {&to_read_, &to_read_now_}) list->reserve(count);
  }
  void forget(Connection& connection) {
    const std::size_t slot = connection.channel().slot;
    owners_[slot] = {};
    set_.remove(slot);
  }
  static bool has_input(Connection& connection, Instant now) {
    return has_input_waiting(connection, connection.channel().socket.handle(), now);
  }
  void end() { ended_ = true; }

  Set set_;
  Waker waker_;
  std::vector<Owner> owners_;  // by slot
  const std::size_t waker_slot_;
  bool woken_ = false;
  bool ended_ = false;
  std::vector<Connection*> to_read_;
  std::vector<Connection*> to_read_now_;
  Instant operations_due_ = never;
};

}  // namespace asyncd
