// Listener: listening sockets with their service and their books, and the rules of accepting, the
// same for every backend: when to accept, what an error means, when to try again, how many
// connections there may be.
//
// accept, shed_waiting, retry_at, finish and handles belong to one thread, the backend's accepting
// one; everything else may be called from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/accept/connection_info.h"
#include "core/accept/hook_record.h"
#include "core/accept/lingering_close.h"
#include "core/accept/peer_counts.h"
#include "core/accept/service_slot.h"
#include "core/accept/stats.h"
#include "core/base/enum_names.h"
#include "core/base/memory_budget.h"
#include "core/listen/listen_sockets.h"
#include "core/log/log.h"
#include "core/operations/completion_handles.h"
#include "core/operations/offload_pool.h"

namespace asyncd {

class Watchdog;

// A connection that has been accepted and has no driver yet.
struct NewConnection {
  Socket socket;
  ConnectionInfo info;
  std::shared_ptr<const Service> service;  // the listener's when it was accepted
};

// What remains of a connection that has ended.
struct EndedConnection {
  ConnectionInfo info;
  CloseReason reason = CloseReason::none;
  SessionCounters counters;
};

class Listener {
 public:
  static constexpr int accepts_per_turn = 64;  // of shed_waiting, whose caller serves others, too

  // Where it listens, and what the log calls that.
  struct Place {
    std::string address;
    std::vector<ListenSocket> sockets;
    std::vector<ListenSocket> leaving;
  };
  // What the listeners of a process share, beyond their life.
  struct Shared {
    OffloadPool& offload;  // for handlers' work
    CompletionHandles& completions;
    Watchdog& watchdog;
    MemoryBudget& memory;
  };
  // `backend_takes` is the most connections that the backend takes in at a time.
  Listener(std::string name, std::string backend_name, std::uint64_t backend_takes, Place place,
           std::shared_ptr<const Service> service, const Shared& shared);

  enum class Answer : std::uint8_t {
    accepted,  // `connection` is filled
    empty,     // no client is waiting: watch the socket
    next,      // this one cannot be served, or is gone again; there may be others
    full,      // no more may be open, or the backend takes no more in: the waker tells of room
    later,     // no descriptors or memory: the waker is called at the next close
    broken,    // the socket is of no use any more
  };
  Answer accept(Instant now, NewConnection& connection);
  // Refuses the clients that wait, if `overload` is shed. For a full backend whose accepting thread
  // does other work and so does not call accept.
  void shed_waiting(Instant now);
  // After empty, full and later: the latest moment to call accept again.
  Instant retry_at() const { return retry_at_; }
  void finish() { sockets_.close(); }  // later clients are refused by the system
  std::span<const NativeSocket> handles() const { return sockets_.handles(); }  // to be watched
  ListenSockets& sockets() { return sockets_; }
  const ListenSockets& sockets() const { return sockets_; }
  void settle();  // see ListenSockets

  // Called, from any thread, when accepting makes sense again after `full` or `later`. Set before
  // the first accept.
  void set_waker(std::function<void()> waker) { waker_ = std::move(waker); }

  // No more than this, whatever max_connections allows. After the service has been replaced, too:
  // it has another one.
  void bound_connections(std::uint64_t most);

  // The end of each accepted connection, exactly once: one of the two. It is closed once nothing is
  // left of it, so that there are never more than may be. Rejecting takes no memory, and can be
  // done with what is left of a connection that was lost for want of it.
  void on_closed(const EndedConnection& connection);
  void reject(NewConnection connection, RejectReason reason);

  // For the records of the threads that call hooks.
  Watchdog& watchdog() { return shared_.watchdog; }
  HookNews& hook_news() { return hook_news_; }
  void note_long_turn() { stats_.on_long_turn(); }

  ServiceSlot& services() { return services_; }
  OffloadPool& offload() { return shared_.offload; }
  CompletionHandles& completions() { return shared_.completions; }
  MemoryBudget& memory() { return shared_.memory; }
  std::shared_ptr<const Service> service() const { return services_.get(); }
  const std::string& name() const { return name_; }
  const std::string& backend_name() const { return backend_name_; }
  const std::string& address() const { return address_; }
  const Stats& stats() const { return stats_; }
  Stats& stats() { return stats_; }  // for the tallies of serving threads

 private:
  Answer try_accept(Instant now, NewConnection& connection);
  Answer fail(Instant now, int error);
  Answer turn_away(NewConnection connection, RejectReason reason);
  void send_refusal(NewConnection connection, RejectReason reason);
  void send_refusal_by_stage(NewConnection connection, RejectReason reason, Instant now);
  void log_refusal(Instant now, const Peer& peer, RejectReason reason);
  void log_full(Instant now, const Limits& limits, RejectReason why);
  std::optional<RejectReason> why_full(const Limits& limits);
  std::uint64_t most_connections(const Limits& limits) const {
    return std::min<std::uint64_t>(limits.max_connections, most_connections_);
  }
  bool count_peer(ConnectionInfo& info, const Limits& limits);
  void left(const ConnectionInfo& info);
  void wake();

  std::string name_;
  std::string backend_name_;
  const std::uint64_t backend_takes_;
  std::string address_;
  ListenSockets sockets_;
  ServiceSlot services_;
  const Shared shared_;
  HookNews hook_news_;
  Stats stats_;
  std::atomic<std::uint64_t> most_connections_{unlimited_count};
  std::function<void()> waker_;
  std::atomic<bool> waits_for_room_{false};
  LingeringClose lingering_close_;
  PeerCounts peer_counts_;
  Instant retry_at_{};
  Duration pause_{};
  int errors_in_a_row_ = 0;
  log::RateLimit accept_log_;
  log::RateLimit full_log_;
  std::array<log::RateLimit, value_count<RejectReason>> reject_logs_;
};

}  // namespace asyncd
