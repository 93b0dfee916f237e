// Sender: sends each of several servers what its feed has, without waiting for any of them, and
// prints what they reply. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/send/feed.h"
#include "cmd/send/replies.h"
#include "core/net/connect.h"
#include "core/net/poller.h"
#include "core/net/waker.h"

namespace asyncd::send {

// How far it has come with one server.
struct ServerStatus {
  std::string name;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::optional<std::uint64_t> size;  // of all that is to be sent
  bool over = false;
  std::string failure;  // over: why it failed; empty: it has not
};

class Sender {
 public:
  // A server that moves nothing for `timeout`, though it is its turn, has failed.
  Sender(Poller poller, Waker& waker, Duration timeout);
  ~Sender();

  void add(std::string name, std::vector<Endpoint> endpoints, std::unique_ptr<Feed> feed,
           std::unique_ptr<Replies> replies);
  void add_failed(std::string name, std::string failure);

  // Does what can be done, and waits at most for `wait`. False: all are over.
  bool work(Duration wait);

  std::vector<ServerStatus> statuses() const;

 private:
  struct Server;

  void connect(Server& server);
  void on_event(const Poller::Event& event);
  void on_connect_ready(Server& server);
  void send_on(Server& server);
  void receive(Server& server);
  void fail(Server& server, std::string failure);
  void end(Server& server);
  void check_time(Server& server, Instant now);

  Poller poller_;
  Waker& waker_;
  const Duration timeout_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<char> buffer_;
};

}  // namespace asyncd::send
