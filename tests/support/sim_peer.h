// SimPeer: a client in virtual time, with the network between it and the server. It follows a script, and keeps what it
// got. The server's end of it is used by SimLoop, as a loop uses a socket, and behaves like one of TCP: a close while
// there is input that nobody has read, or input that comes after it, destroys what the client has not taken yet.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/socket.h"
#include "core/session/session.h"

namespace asyncd::test {

class SimPeer {
 public:
  enum class Does : std::uint8_t { send, end, reset };
  struct Act {
    Does does = Does::send;
    Duration pause{};  // since the act before
    std::string bytes;
  };
  struct Script {
    Instant connects{};
    std::vector<Act> acts;
    Instant takes_from{};               // reads nothing before
    Duration takes_every{};             // then so often,
    std::size_t takes_most = SIZE_MAX;  // and so many bytes at most
    std::size_t window = 64 << 10;      // bytes that may be on their way to it
    bool ends_when_told = true;         // ends its output when it sees the server's end
  };

  explicit SimPeer(Script script);

  // The client: when it does something by itself, and doing what is due.
  Instant connects() const { return script_.connects; }
  Instant next() const;
  void act(Instant now);

  // The server's end of the connection.
  bool readable() const { return reset_ || ended_ || read_ < sent_.size(); }
  bool writable() const { return reset_ || room() != 0; }
  std::size_t unread() const { return reset_ ? 0 : sent_.size() - read_; }
  IoResult read(std::span<char> buffer, Instant now);
  IoResult write(std::string_view bytes, Instant now);
  void shut(Instant now) { server_ended_ = true, shut_at = now; }
  void close();
  void reset_by_server() { close(), was_reset_ = true; }

  // What the client has seen.
  const std::string& sent() const { return sent_; }
  std::string_view written() const { return written_; }  // by the server; the client may have taken less of it
  std::string_view received() const { return std::string_view(written_).substr(0, taken_); }
  bool has_ended() const { return ended_; }
  bool has_reset() const { return reset_; }      // by itself
  bool was_reset() const { return was_reset_; }  // by the server
  bool saw_end() const { return saw_end_; }

  // What the server has done.
  struct Move {
    std::size_t total = 0;  // bytes after it
    Instant at{};
  };
  std::vector<Move> reads;
  std::vector<Move> writes;
  Instant closing_since = never;  // the session had a reason to end
  Instant shut_at = never;
  Instant closed_at = never;
  bool rejected = false;  // never had a session
  bool faulted = false;   // something was made to fail for it
  CloseReason reason = CloseReason::none;
  SessionCounters counters;

 private:
  bool gone() const { return reset_ || was_reset_; }
  std::size_t room() const { return script_.window - (written_.size() - taken_); }
  bool has_to_take() const { return taken_ < written_.size() || (server_ended_ && !saw_end_); }
  void perform(const Act& act);
  void take(Instant now);

  Script script_;
  std::size_t next_act_ = 0;
  Instant act_at_ = never;
  Instant take_at_;

  std::string sent_;       // by the client, all of it
  std::size_t read_ = 0;   // of it by the server
  std::string written_;    // by the server
  std::size_t taken_ = 0;  // of it by the client
  bool ended_ = false;
  bool reset_ = false;
  bool server_ended_ = false;
  bool server_closed_ = false;
  bool was_reset_ = false;
  bool saw_end_ = false;
};

}  // namespace asyncd::test
