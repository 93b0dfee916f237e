// Connections: the sockets of all clients: begins and ends connections, sends what a client's
// exchange has to send, reads replies and has them checked and counted. When a client begins a
// message is for the ConnectionUser to decide. All failures of the network are counted, none ends
// it. One owner; one thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cmd/bench/drive/client.h"
#include "cmd/bench/drive/pace.h"
#include "cmd/bench/statistics/random.h"
#include "core/net/poller.h"

namespace asyncd::bench {

class ConnectionUser {
 public:
  virtual ~ConnectionUser() = default;
  virtual void on_room(Client& client, Instant now) = 0;   // it may send
  virtual void set_free(Client& client, Instant now) = 0;  // it has to wait for a message
};

class Connections {
 public:
  // All outlive it.
  Connections(const LoadPlan& plan, const Endpoint& endpoint, const Tape& tape,
              const ReplyChecker& checker, const Course& course, Pace& pace, Recorder& recorder,
              Random& random, ConnectionUser& user);

  Result<void> start(Instant now);
  std::span<const Poller::Event> wait(Duration longest) { return poller_->wait(longest); }
  void on_event(const Poller::Event& event);

  // Now and then: connects clients that are not connected, and gives up those that wait too long.
  void keep_connected(Instant now);
  void check_timeouts(Instant now);

  void start_connecting(Client& client, Instant now);
  void flush(Client& client, Instant now);  // sends what its exchange has

  std::vector<Client>& clients() { return clients_; }  // the silent ones last
  std::uint64_t open() const { return open_; }
  bool all_open(Instant now) const { return open_ >= wanted(now) + plan_.idle; }
  // Whether no connection has been open for `longest`, and none is about to be. Asked at each tick.
  bool are_lifeless(Instant now, Duration longest);
  bool has_too_long_reply() const { return too_long_reply_; }

  // Whether something is to come for it yet, and since when.
  bool is_waiting(const Client& client) const;
  Instant waits_since(const Client& client) const;

 private:
  std::uint64_t wanted(Instant now) const;
  bool take_one_shot(Client& client, Instant now);
  void on_connected(Client& client, Instant now);
  void on_readable(Client& client);
  void on_bytes(Client& client, std::string_view bytes, Instant now);
  void on_end(Client& client, Failure failure, Instant now);
  void end_one_shot(Client& client, Failure failure, Instant now);
  void on_reply(Client& client, const Moments& moments, ReplyStatus status, Instant now);
  void count_reply(const Moments& moments, ReplyStatus status, Instant now);
  void drain(Client& client);
  void fail(Client& client, Failure failure, Instant now);
  void drop(Client& client, Instant now);
  void close(Client& client, Instant now);
  void disconnect(Client& client, Instant now);
  void forget_messages(const Client& client);

  const LoadPlan& plan_;
  const Endpoint& endpoint_;
  const Tape& tape_;
  const ReplyChecker& checker_;
  const Course& course_;
  Pace& pace_;
  Recorder& recorder_;
  Random& random_;
  ConnectionUser& user_;
  std::optional<Poller> poller_;
  std::vector<Client> clients_;
  std::vector<char> buffer_;
  std::uint64_t open_ = 0, connecting_ = 0;
  Instant last_life_{};          // when a connection was open, or the first of them might have been
  Instant vain_{};               // the last attempt to connect that has failed
  bool too_long_reply_ = false;  // to be checked
};

}  // namespace asyncd::bench
