// BlockingLoop: one thread, one connection at a time, by calls that block. Used by three backends,
// which differ only in where the threads come from. Waits in slices, so that the end of the process
// and the deadlines are noticed in between.
//
// A send that would block is the one thing that it does not wait for by itself: while output is
// stuck, input must still be taken, or a client that sends everything before it reads would hang
// here and on no other backend.
#pragma once

#include <memory>
#include <optional>

#include "core/base/stop_flag.h"
#include "core/io/driver.h"
#include "core/io/workers.h"
#include "core/operations/inline_operations.h"

namespace asyncd {

class BlockingLoop : private OutputSender {
 public:
  struct Channel {
    Socket socket;
  };

  // of one, with the connection that it serves
  static std::uint64_t memory_bound(const Service& service);

  // Whether the thread of this loop also accepts. If it does and `overload` is "shed", it turns
  // waiting clients away while it serves one.
  enum class Accepting : std::uint8_t { here, elsewhere };

  // On any thread; the rest on the one that serves. Memory that cannot be had is std::bad_alloc.
  // `number` is the thread's, in the log.
  BlockingLoop(Listener& listener, const StopFlag& stop_flag, std::uint64_t number,
               Accepting accepting = Accepting::elsewhere);

  // at the beginning, and when the listener has a new service
  void refresh() { workers_.refresh(); }
  void serve(NewConnection connection);       // the whole life of a connection
  void serve_only(NewConnection connection);  // likewise, and the thread ends with it
  void end() { workers_.clear(); }

  Channel open_channel(Socket socket) const;
  Instant now() const { return Clock::now(); }
  Instant roughly_now() const { return coarse_now(); }
  bool receive(Driver<BlockingLoop>& driver);
  bool send(Driver<BlockingLoop>& driver, std::string_view output);
  bool yield(Driver<BlockingLoop>&) const { return true; }
  std::size_t unread(Driver<BlockingLoop>& driver) const;
  Taken taken(Driver<BlockingLoop>& driver) const;
  void on_hooks(Driver<BlockingLoop>& driver, Instant now) {
    record_.enter(driver.service(), driver.info().id, now);
  }
  void on_hooks_over(Driver<BlockingLoop>&) { record_.leave(); }
  HookMark* hook_mark() { return &record_; }
  Operations* call_operations() { return &operations_; }
  Stats::Tally& tally() { return tally_; }
  void shutdown_write(Driver<BlockingLoop>& driver) const;
  void close(Driver<BlockingLoop>& driver) const;
  void arm(Driver<BlockingLoop>&, Instant) const {}  // a wait never takes longer than a slice

 private:
  std::optional<EndedConnection> converse(NewConnection connection);
  void wait(Driver<BlockingLoop>& driver);
  void begin_sending(void* driver) override;
  CloseReason send_output(void* driver) override;
  void on_slice(void* driver) override;
  void look_round();
  void on_wait() override { record_.pause(); }
  void on_wait_over() override { record_.go_on(); }
  bool obey_stop_flag(Driver<BlockingLoop>& driver);
  bool heed_memory(Driver<BlockingLoop>& driver);
  bool is_over_memory(void* driver) override;

  Listener& listener_;
  const StopFlag& stop_flag_;
  const Accepting accepting_;
  Instant next_look_{};
  Stats::Tally tally_;
  HookRecord record_;
  Workers workers_;
  InlineOperations operations_;
  BufferPool pool_;
  const std::size_t buffer_size_;
  Buffer buffer_;  // that is read into, while there is a connection
};

}  // namespace asyncd
