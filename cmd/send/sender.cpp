#include "cmd/send/sender.h"

#include <algorithm>

#include "core/text/text.h"

namespace asyncd::send {

namespace {

constexpr std::uint64_t of_waker = UINT64_MAX;
constexpr std::size_t buffer_size = 256 << 10;
constexpr int most_sends = 16;  // then the others have their turn

}  // namespace

struct Sender::Server {
  enum class State : std::uint8_t { connecting, open, over };

  ServerStatus status;
  std::vector<Endpoint> endpoints;  // that have not been tried yet, the first one last
  std::unique_ptr<Feed> feed;
  std::unique_ptr<Replies> replies;
  Socket socket;
  std::uint64_t token = 0;
  State state = State::connecting;
  bool watches_writable = false;
  bool shut = false;  // all has been sent, and it has been told so
  Instant moved{};
};

Sender::Sender(Poller poller, Waker& waker, Duration timeout)
    : poller_(std::move(poller)), waker_(waker), timeout_(timeout), buffer_(buffer_size) {
  poller_.add(waker_.handle(), of_waker, false);
}

Sender::~Sender() = default;

void Sender::add(std::string name, std::vector<Endpoint> endpoints, std::unique_ptr<Feed> feed,
                 std::unique_ptr<Replies> replies) {
  Server& server = *servers_.emplace_back(std::make_unique<Server>());
  server.token = servers_.size() - 1;
  server.status = {.name = std::move(name), .size = feed->size()};
  std::reverse(endpoints.begin(), endpoints.end());
  server.endpoints = std::move(endpoints);
  server.feed = std::move(feed);
  server.replies = std::move(replies);
  connect(server);
}

void Sender::add_failed(std::string name, std::string failure) {
  Server& server = *servers_.emplace_back(std::make_unique<Server>());
  server.status = {.name = std::move(name), .over = true, .failure = std::move(failure)};
  server.state = Server::State::over;
}

// The next of its addresses that can be begun with.
void Sender::connect(Server& server) {
  int error = 0;
  while (!server.endpoints.empty()) {
    server.socket = begin_connect(server.endpoints.back(), error);
    server.endpoints.pop_back();
    if (!server.socket) continue;
    if (!poller_.add(server.socket.handle(), server.token, true))
      return fail(server, "too many open files");
    server.watches_writable = true;
    server.moved = Clock::now();
    return;
  }
  fail(server, "cannot connect: " + error_text(error));
}

bool Sender::work(Duration wait) {
  const auto runs = [](const auto& server) { return server->state != Server::State::over; };
  if (std::none_of(servers_.begin(), servers_.end(), runs)) return false;
  const std::span<const Poller::Event> events = poller_.wait(wait);
  // before replies are printed: a slow reader of them is no slow server
  const Instant now = Clock::now();
  for (const Poller::Event& event : events) on_event(event);
  for (const auto& server : servers_)
    if (runs(server)) check_time(*server, now);
  return true;
}

void Sender::on_event(const Poller::Event& event) {
  if (event.token == of_waker) {  // there is more to send
    waker_.drain();
    for (const auto& server : servers_)
      if (server->state == Server::State::open && !server->watches_writable) send_on(*server);
    return;
  }
  Server& server = *servers_[event.token];
  if (server.state == Server::State::connecting && event.writable) return on_connect_ready(server);
  if (server.state == Server::State::open && event.writable) send_on(server);
  if (server.state == Server::State::open && event.readable) receive(server);
}

void Sender::on_connect_ready(Server& server) {
  if (const int error = connect_error(server.socket.handle()); error != 0) {
    poller_.remove(server.socket.handle());
    server.socket.close();
    if (server.endpoints.empty()) return fail(server, "cannot connect: " + error_text(error));
    return connect(server);
  }
  server.state = Server::State::open;
  server.moved = Clock::now();
  send_on(server);
}

void Sender::send_on(Server& server) {
  bool room = true;
  std::string_view bytes;
  for (int i = 0; i < most_sends && !(bytes = server.feed->pending()).empty() && room; ++i) {
    const IoResult sent = send_some(server.socket.handle(), bytes);
    if (sent.status == IoResult::Status::ok) {
      server.feed->take(sent.bytes);
      server.status.sent += sent.bytes;
      server.moved = Clock::now();
    } else if (sent.status == IoResult::Status::would_block) {
      room = false;
    } else {
      receive(server);  // it may have said why
      if (server.state == Server::State::open) fail(server, "the connection was reset");
      return;
    }
  }
  if (server.feed->error()) return fail(server, server.feed->error()->message);
  const bool more = !server.feed->pending().empty();
  if (more != server.watches_writable)
    poller_.watch_writable(server.socket.handle(), server.token, server.watches_writable = more);
  if (server.feed->ended() && !server.shut) {
    shutdown_write(server.socket.handle());
    server.shut = true;
  }
}

void Sender::receive(Server& server) {
  const IoResult result = receive_some(server.socket.handle(), buffer_);
  switch (result.status) {
    case IoResult::Status::would_block:
      return;
    case IoResult::Status::ok:
      server.status.received += result.bytes;
      if (!server.replies->add({buffer_.data(), result.bytes}))
        fail(server,
             "its reply announces more bytes than a server would send: is this its framing?");
      server.moved = Clock::now();
      return;
    case IoResult::Status::eof:
      if (!server.shut) return fail(server, "it ended the connection before everything was sent");
      return end(server);
    case IoResult::Status::reset:
    case IoResult::Status::failed:
      return fail(server, "the connection was reset");
  }
}

void Sender::fail(Server& server, std::string failure) {
  server.status.failure = std::move(failure);
  end(server);
}

void Sender::end(Server& server) {
  server.state = Server::State::over;
  server.status.over = true;
  server.replies->end();
  server.feed.reset();
  if (server.socket) poller_.remove(server.socket.handle());
  server.socket.close();
}

// It is the server's turn to take bytes, to answer, or to end. While there is nothing to send, it
// is ours.
void Sender::check_time(Server& server, Instant now) {
  const bool its_turn =
      server.state == Server::State::connecting || server.watches_writable || server.shut;
  if (!its_turn || now - server.moved < timeout_) return;
  const std::string since = " for " + text::format_duration(timeout_);
  if (server.state == Server::State::connecting)
    return fail(server, "cannot connect: no answer" + since);
  fail(server,
       (server.shut ? "it has neither answered nor ended the connection" : "it has taken no byte") +
           since + "; --timeout has it wait longer");
}

std::vector<ServerStatus> Sender::statuses() const {
  std::vector<ServerStatus> all;
  for (const auto& server : servers_) all.push_back(server->status);
  return all;
}

}  // namespace asyncd::send
