// AsioLoop: one io_context and its thread; connections stay on the loop that they were given to, so
// nothing is locked.
//
// Reads go into a few bytes inside the connection: small messages, the common case, come with one
// system call and no re-arming, and an idle connection needs no buffer. When those bytes were
// filled, the rest is fetched directly into the loop's own buffer, so that every backend lends its
// sessions the same pieces. Replies are sent directly; only what the system refuses is waited for.
#pragma once

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <vector>

#include "backends/proactor/loop_timer.h"
#include "backends/proactor/loop_waker.h"
#include "core/io/connection_loop.h"

namespace asyncd {

class AsioLoop final : public ConnectionLoop<AsioLoop> {
 public:
  // With the executor by its type: the operations are smaller and quicker than with any executor.
  using SocketType =
      asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

  struct Channel {
    Channel(asio::io_context& context, Socket accepted);

    SocketType socket;
    std::size_t index = 0;                 // in the loop's list of connections
    CloseReason lost = CloseReason::none;  // known before the next read begins
    // a read has begun, and no deadline has been looked at since
    bool has_just_read = false;
    OperationMemory read_memory;
    std::array<char, 208> input;
  };
  static std::uint64_t most_connections() { return unlimited_count; }
  static std::uint64_t own_descriptors() { return 5; }  // Asio's three, and two to be woken by
  static std::uint64_t of_a_connection();

  static Result<std::unique_ptr<AsioLoop>> create(Listener& listener, const StopFlag& stop_flag,
                                                  std::uint64_t number);
  ~AsioLoop() override;

  // On the loop's thread: until all connections have ended, after release or a stop.
  void run();
  void wake() noexcept override { waker_.wake(); }

  Channel open_channel(Socket socket);
  bool receive(Connection& connection);
  bool send(Connection& connection, std::string_view output);
  std::size_t unread(Connection& connection);
  Taken taken(Connection& connection);
  void shutdown_write(Connection& connection);
  void close(Connection& connection);
  void arm(Connection& connection, Instant deadline);

 private:
  friend ConnectionLoop<AsioLoop>;
  class Watched;

  // Throws as LoopWaker does, or std::bad_alloc.
  AsioLoop(Listener& listener, const StopFlag& stop_flag, std::uint64_t number);

  void run_operations_at(Instant when) noexcept override;
  std::unique_ptr<Watch> watch(Socket socket, Watcher& watcher) override;

  void start_reads();
  void start_read(Connection& connection);
  void on_read(Connection& connection, const asio::error_code& error, std::size_t bytes);
  std::string_view read_on(Connection& connection, std::size_t bytes);
  void on_timer();

  // For ConnectionLoop.
  static std::optional<RejectReason> refuses(const Socket&) { return std::nullopt; }
  void on_turns();
  void make_room(std::size_t count);
  static void forget(Connection&) {}
  static bool has_input(Connection& connection, Instant now);
  void end();

  // Of the loop's own operations; beyond the context, which may end with some of them pending.
  struct Memory {
    OperationMemory waker, timer, operations_timer, reads, turns, operations;
  };

  Memory memory_;
  asio::io_context context_;
  LoopWaker waker_;
  LoopTimer timer_;
  LoopTimer operations_timer_;
  bool operations_due_ = false;
  std::vector<Connection*> to_read_;  // wait for start_reads
  std::vector<Connection*> to_read_now_;
};

}  // namespace asyncd
