#include "core/io/listener.h"

#include <algorithm>
#include <array>

#include "core/net/accept_error.h"
#include "core/session/framer.h"

namespace asyncd {

namespace {

constexpr Duration shortest_pause = std::chrono::milliseconds(10);
constexpr Duration longest_pause = std::chrono::milliseconds(500);

std::uint64_t next_connection_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// Why a client cannot be served, in the listener's framing. Takes no memory, because there may be none.
class Refusal {
 public:
  Refusal(const Framer& framer, RejectReason reason) {
    size_ = framer.prefix_size();
    append("error: ");
    append(text_of(reason));
    framer.write_prefix(bytes_.data(), size_ - framer.prefix_size());
    if (framer.has_line_end()) append("\n");
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  static std::string_view text_of(RejectReason reason) {
    switch (reason) {
      case RejectReason::descriptor_too_large:
      case RejectReason::no_thread:
        return "too many connections";
      case RejectReason::no_memory:
        return "out of memory";
      case RejectReason::no_worker:
        return "the handler cannot be used";
      case RejectReason::stopping:
        break;
    }
    return "shutting down";
  }

  void append(std::string_view text) { size_ += text.copy(bytes_.data() + size_, bytes_.size() - size_); }

  std::array<char, 96> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

Listener::Listener(std::string name, std::string backend_name, ListenSocket socket,
                   std::shared_ptr<const Service> service)
    : name_(std::move(name)),
      backend_name_(std::move(backend_name)),
      socket_(std::move(socket)),
      services_(std::move(service)) {}

Listener::Answer Listener::accept(Instant now, NewConnection& connection) {
  connection.service = service();
  const std::uint64_t limit = connection.service->limits.max_connections;
  if (full(limit)) {
    if (std::uint64_t suppressed = 0; full_log_.allow(now, suppressed))
      log::warn("full", "max_connections reached; new clients wait", {{"listener", name_}, {"limit", limit}});
    return Answer::full;
  }
  Accepted accepted;
  const int error = socket_.accept(accepted);
  if (error != 0) return fail(now, error);
  pause_ = {};
  set_no_delay(accepted.socket.handle());
  stats_.on_accepted();
  connection.socket = std::move(accepted.socket);
  connection.info = {next_connection_id(), accepted.peer, this};
  if (log::enabled(log::Level::debug))
    log::debug("opened", "opened",
               {{"conn", connection.info.id}, {"peer", accepted.peer.to_string()}, {"listener", name_}});
  return Answer::accepted;
}

Listener::Answer Listener::fail(Instant now, int error) {
  const AcceptError kind = classify_accept_error(error);
  if (kind == AcceptError::would_block) return Answer::empty;
  stats_.on_accept_error();
  if (std::uint64_t suppressed = 0; accept_log_.allow(now, suppressed))
    log::warn("accept_failed", "cannot accept",
              {{"listener", name_}, {"err", error_text(error)}, {"suppressed", suppressed}});
  if (kind == AcceptError::broken) return Answer::broken;
  if (kind == AcceptError::out_of_resource) {
    pause_ = std::clamp<Duration>(2 * pause_, shortest_pause, longest_pause);
    retry_at_ = after(now, pause_);
    waits_for_room_ = true;
    return Answer::later;
  }
  // This client is lost, the next one may be fine; a bound on how often is the accepting loop's.
  retry_at_ = now;
  return Answer::later;
}

bool Listener::full(std::uint64_t limit) {
  if (stats_.active() < limit) return false;
  // Set before the second look, so that a close in between is either seen here or calls the waker.
  waits_for_room_ = true;
  return stats_.active() >= limit;
}

void Listener::left() {
  if (waits_for_room_.load() && waits_for_room_.exchange(false) && waker_) waker_();
}

void Listener::on_closed(const ConnectionInfo& info, const Session& session) {
  const SessionCounters& counters = session.counters();
  // Logged before it makes room, so that the log never tells of more connections than there may be.
  if (log::enabled(log::Level::debug))
    log::debug("closed", "closed",
               {{"conn", info.id},
                {"peer", info.peer.to_string()},
                {"listener", name_},
                {"reason", name_of(session.reason())},
                {"messages", counters.messages_received},
                {"bytes_in", counters.bytes_received},
                {"bytes_out", counters.bytes_sent}});
  stats_.on_closed(session.reason(), counters);
  left();
}

void Listener::reject(NewConnection connection, RejectReason reason) {
  // Best effort, and never waiting: a client that has sent nothing yet will read it.
  if (connection.service) send_some(connection.socket.handle(), Refusal(*connection.service->framer, reason).view());
  shutdown_write(connection.socket.handle());
  connection.socket.close();
  if (log::enabled(log::Level::debug))
    log::debug("rejected", "rejected",
               {{"conn", connection.info.id},
                {"peer", connection.info.peer.to_string()},
                {"listener", name_},
                {"reason", name_of(reason)}});
  stats_.on_rejected(reason);
  left();
}

}  // namespace asyncd
