#include "cmd/bench/drive/chaos.h"

#include <algorithm>
#include <optional>

#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd::bench {

Result<ChaosPlan> parse_chaos(std::string_view text, std::uint64_t connections) {
  ChaosPlan plan;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest = item.size() == rest.size() ? "" : rest.substr(item.size() + 1);
    const std::size_t colon = item.find(':');
    const std::string_view name = item.substr(0, colon);
    const std::optional<Mischief> kind = value_named<Mischief>(name);
    if (!kind)
      return Error{ExitCode::usage, "--chaos: '" + text::printable(name) + "' is none of " +
                                        text::join(names_of<Mischief>(), ", ") +
                                        text::suggestion(name, names_of<Mischief>())};
    std::string_view share = colon == std::string_view::npos ? "" : item.substr(colon + 1);
    const bool percent = share.ends_with('%');
    if (percent) share.remove_suffix(1);
    const auto number = text::parse_count(share);
    if (!percent || !number || *number == 0 || *number > 100)
      return Error{ExitCode::usage, "--chaos: '" + text::printable(item) +
                                        "' needs a share of the connections from 1% " +
                                        "to 100%, as in " + std::string(name) + ":5%"};
    plan.clients[static_cast<std::size_t>(*kind)] =
        std::max<std::uint64_t>(1, connections * *number / 100);
  }
  return plan;
}

Chaos::Chaos(const ChaosPlan& plan, const Endpoint& endpoint, const Tape& tape)
    : endpoint_(endpoint), tape_(tape) {
  for (std::size_t kind = 0; kind < plan.clients.size(); ++kind)
    for (std::uint64_t i = 0; i < plan.clients[kind]; ++i)
      clients_.push_back({.kind = static_cast<Mischief>(kind), .socket = {}});
}

void Chaos::turn() {
  for (Client& client : clients_) {
    if (!client.socket) {
      int ignored = 0;  // it is tried again
      client = {.kind = client.kind, .socket = begin_connect(endpoint_, ignored)};
      continue;
    }
    ++turns_;
    act(client);
  }
}

void Chaos::act(Client& client) {
  const std::size_t message = static_cast<std::size_t>(tape_.request_end(0));
  switch (client.kind) {
    case Mischief::slow_reader:
      send(client, 4096);
      if (!receive(client, 16)) client.socket.close();
      break;
    case Mischief::one_byte:
      send(client, 1);
      if (!receive(client, 4096)) client.socket.close();
      break;
    case Mischief::reset:
      if (!send(client, message)) break;
      reset_on_close(client.socket.handle());
      client.socket.close();
      break;
    case Mischief::half_close:
      if (!client.ended) {
        send(client, message - client.sent);
        if (client.sent < message) break;
        shutdown_write(client.socket.handle());
        client.ended = true;
      }
      if (!receive(client, 4096)) client.socket.close();
      break;
    case Mischief::never_send:
      if (!receive(client, 4096)) client.socket.close();
      break;
  }
}

bool Chaos::send(Client& client, std::size_t most) {
  const std::string_view requests = tape_.requests();
  const IoResult result =
      send_some(client.socket.handle(), requests.substr(client.sent % requests.size(), most));
  if (result.status != IoResult::Status::ok) return false;
  client.sent += result.bytes;
  return true;
}

// False: the connection has ended.
bool Chaos::receive(Client& client, std::size_t most) {
  std::array<char, 4096> bytes;
  const IoResult result = receive_some(client.socket.handle(), std::span(bytes).first(most));
  return result.status == IoResult::Status::ok || result.status == IoResult::Status::would_block;
}

}  // namespace asyncd::bench
