// Chaos: clients that misbehave beside those that are measured. Each takes a turn 20 times a
// second, never waits, and begins anew when its connection has ended. One owner; the load's thread.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "cmd/bench/exchange/tape.h"
#include "core/base/enum_names.h"
#include "core/net/connect.h"

namespace asyncd::bench {

enum class Mischief : std::uint8_t {
  slow_reader,  // sends without end, and reads a few bytes in each turn
  one_byte,     // sends a message byte by byte
  reset,        // sends a message and resets the connection
  half_close,   // sends a message, ends its output, and reads to the end
  never_send,   // connects, and that is all
};

constexpr std::string_view name_of(Mischief mischief) {
  switch (mischief) {
    case Mischief::slow_reader:
      return "slow-reader";
    case Mischief::one_byte:
      return "one-byte";
    case Mischief::reset:
      return "reset";
    case Mischief::half_close:
      return "half-close";
    case Mischief::never_send:
      return "never-send";
  }
  return "";
}

// How many clients of each kind.
struct ChaosPlan {
  std::array<std::uint64_t, value_count<Mischief>> clients{};
  bool empty() const { return clients == decltype(clients){}; }
};

// "slow-reader:5%,reset:1%": of `connections`, at least one of each kind that is named. The error
// (2) says what is wrong.
Result<ChaosPlan> parse_chaos(std::string_view text, std::uint64_t connections);

class Chaos {
 public:
  Chaos(const ChaosPlan& plan, const Endpoint& endpoint, const Tape& tape);

  void turn();
  std::uint64_t turns() const { return turns_; }

 private:
  struct Client {
    Mischief kind;
    Socket socket;
    std::size_t sent = 0;  // bytes of the requests
    bool ended = false;    // our output
  };

  void act(Client& client);
  bool send(Client& client, std::size_t most);  // false: nothing could be
  bool receive(Client& client, std::size_t most);

  const Endpoint& endpoint_;
  const Tape& tape_;
  std::vector<Client> clients_;
  std::uint64_t turns_ = 0;
};

}  // namespace asyncd::bench
