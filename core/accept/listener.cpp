#include "core/accept/listener.h"

#include <algorithm>
#include <new>

#include "core/listen/accept_error.h"

namespace asyncd {

namespace {

constexpr Duration shortest_pause = std::chrono::milliseconds(10);
constexpr Duration longest_pause = std::chrono::milliseconds(500);

std::uint64_t next_connection_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Listener::Listener(std::string name, std::string backend_name, std::uint64_t backend_takes,
                   Place place, std::shared_ptr<const Service> service, const Shared& shared)
    : name_(std::move(name)),
      backend_name_(std::move(backend_name)),
      backend_takes_(backend_takes),
      address_(std::move(place.address)),
      sockets_(std::move(place.sockets), std::move(place.leaving)),
      services_(std::move(service)),
      shared_(shared) {}

Listener::Answer Listener::accept(Instant now, NewConnection& connection) {
  lingering_close_.tend(now);
  retry_at_ = never;
  const Answer answer = try_accept(now, connection);
  if (answer != Answer::accepted && answer != Answer::next)
    retry_at_ = std::min(retry_at_, lingering_close_.next(now));
  if (answer == Answer::empty) retry_at_ = std::min(retry_at_, sockets_.next());
  return answer;
}

Listener::Answer Listener::try_accept(Instant now, NewConnection& connection) {
  connection.service = service();
  const std::optional<RejectReason> full = why_full(connection.service->limits);
  if (full && connection.service->limits.overload == Overload::backlog) {
    log_full(now, connection.service->limits, *full);
    return Answer::full;
  }
  Accepted accepted;
  if (const int error = sockets_.accept(now, accepted); error != 0) return fail(now, error);
  // A client that has come after a reload gets what is new.
  if (!services_.holds(*connection.service)) connection.service = service();
  pause_ = {};
  errors_in_a_row_ = 0;
  set_no_delay(accepted.socket.handle());
  connection.socket = std::move(accepted.socket);
  connection.info = {next_connection_id(), accepted.peer, this};
  if (full) return turn_away(std::move(connection), *full);
  if (!count_peer(connection.info, connection.service->limits))
    return turn_away(std::move(connection), RejectReason::address_full);
  stats_.on_accepted();
  if (log::enabled(log::Level::debug))
    log::debug(
        "opened", "opened",
        {{"conn", connection.info.id}, {"peer", accepted.peer.to_string()}, {"listener", name_}});
  return Answer::accepted;
}

// False: its address has max_connections_per_ip open. Without memory for the count the client is
// accepted: it has not reached that limit.
bool Listener::count_peer(ConnectionInfo& info, const Limits& limits) {
  const bool has_address =
      info.peer.family == Peer::Family::ipv4 || info.peer.family == Peer::Family::ipv6;
  if (limits.max_connections_per_ip == unlimited_count || !has_address) return true;
  try {
    info.counted = peer_counts_.enter(info.peer, limits.max_connections_per_ip);
  } catch (const std::bad_alloc&) {
    return true;
  }
  return info.counted;
}

Listener::Answer Listener::fail(Instant now, int error) {
  constexpr int many_errors = 64;
  const AcceptError kind = classify_accept_error(error);
  if (kind == AcceptError::would_block) return Answer::empty;
  stats_.on_accept_error();
  if (std::uint64_t suppressed = 0; accept_log_.allow(now, suppressed))
    log::warn("accept_failed", "cannot accept",
              {{"listener", name_},
               {"err", error_text(error)},
               log::Field::unless_zero("suppressed", suppressed)});
  if (kind == AcceptError::broken) return Answer::broken;
  // One client is lost, the next one may be fine; unless they all are.
  if (kind != AcceptError::out_of_resource && ++errors_in_a_row_ < many_errors) return Answer::next;
  lingering_close_.clear();
  pause_ = std::clamp<Duration>(2 * pause_, shortest_pause, longest_pause);
  retry_at_ = after(now, pause_);
  waits_for_room_ = true;
  return Answer::later;
}

void Listener::shed_waiting(Instant now) {
  if (service()->limits.overload != Overload::shed) return;
  for (int i = 0; i < accepts_per_turn; ++i)
    if (NewConnection connection; accept(now, connection) != Answer::next) return;
}

// Why one more would be too many, if it is.
std::optional<RejectReason> Listener::why_full(const Limits& limits) {
  const std::uint64_t allowed = most_connections(limits);
  const std::uint64_t most = std::min(allowed, backend_takes_);
  if (stats_.active() < most) return std::nullopt;
  // Set before the second look, so that a close in between is either seen here or calls the waker.
  waits_for_room_ = true;
  if (stats_.active() < most) return std::nullopt;
  return most == allowed ? RejectReason::full : RejectReason::threads_busy;
}

void Listener::log_full(Instant now, const Limits& limits, RejectReason why) {
  std::uint64_t suppressed = 0;
  if (!full_log_.allow(now, suppressed)) return;
  const bool by_setting = why == RejectReason::full;
  log::warn("full",
            by_setting ? "max_connections are open; new clients wait"
                       : "no thread of the backend is free; new clients wait",
            {{"listener", name_},
             {"limit", by_setting ? most_connections(limits) : backend_takes_},
             log::Field::unless_zero("suppressed", suppressed)});
}

void Listener::settle() {
  sockets_.settle();
  wake();
}

void Listener::bound_connections(std::uint64_t most) {
  most_connections_ = most;
  wake();
}

void Listener::left(const ConnectionInfo& info) {
  if (info.counted) peer_counts_.leave(info.peer);
  if (waits_for_room_.load() && waits_for_room_.exchange(false)) wake();
}

// Without memory for it, the end of the next connection tries again.
void Listener::wake() {
  try {
    if (waker_) waker_();
  } catch (const std::bad_alloc&) {
    waits_for_room_ = true;
  }
}

void Listener::on_closed(const EndedConnection& connection) {
  const auto& [info, reason, counters] = connection;
  // Logged before it makes room, so that the log never tells of more connections than there may be.
  if (log::enabled(log::Level::debug))
    log::debug("closed", "closed",
               {{"conn", info.id},
                {"peer", info.peer.to_string()},
                {"listener", name_},
                {"reason", name_of(reason)},
                {"messages", counters.messages_received},
                {"bytes_in", counters.bytes_received},
                {"bytes_out", counters.bytes_sent}});
  stats_.on_closed(reason);
  left(info);
}

void Listener::reject(NewConnection connection, RejectReason reason) {
  const ConnectionInfo info = connection.info;
  stats_.on_rejected(reason);
  send_refusal(std::move(connection), reason);
  left(info);
  wake();  // so that a thread continues the lingering close
}

Listener::Answer Listener::turn_away(NewConnection connection, RejectReason reason) {
  stats_.on_turned_away(reason);
  send_refusal(std::move(connection), reason);
  return Answer::next;
}

void Listener::send_refusal(NewConnection connection, RejectReason reason) {
  const Instant now = Clock::now();
  log_refusal(now, connection.info.peer, reason);
  if (!connection.socket) return;
  if (connection.service && connection.service->stages)
    return send_refusal_by_stage(std::move(connection), reason, now);
  // Best effort, and never waiting: the buffer of a new connection has room for a line.
  if (connection.service)
    send_some(connection.socket.handle(), Refusal(*connection.service->framer, reason).view());
  shutdown_write(connection.socket.handle());
  lingering_close_.add(std::move(connection.socket), now);
}

void Listener::send_refusal_by_stage(NewConnection connection, RejectReason reason, Instant now) {
  const Service& service = *connection.service;
  try {
    auto refusal = std::make_unique<StagedRefusal>(connection.service, service.stages->make(now),
                                                   Refusal(*service.framer, reason).view());
    lingering_close_.add(std::move(connection.socket), now, std::move(refusal));
  } catch (const std::bad_alloc&) {
    // The socket is closed, and the client reads no reason.
  }
}

void Listener::log_refusal(Instant now, const Peer& peer, RejectReason reason) {
  std::uint64_t suppressed = 0;
  if (!reject_logs_[static_cast<std::size_t>(reason)].allow(now, suppressed)) return;
  try {
    log::warn("refused", "connection refused",
              {{"listener", name_},
               {"peer", peer.to_string()},
               {"reason", name_of(reason)},
               {"err", explain(reason)},
               log::Field::unless_zero("suppressed", suppressed)});
  } catch (const std::bad_alloc&) {
    // No memory for the peer's name: the books tell of it.
  }
}

}  // namespace asyncd
