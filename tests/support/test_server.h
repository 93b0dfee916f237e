// TestServer: a Server inside the test, with the registry's backends and the built handlers, on a
// free port. Its end checks the books: whatever was accepted has been closed for one reason or
// turned away. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "backends/registry.h"
#include "core/server/server.h"

namespace asyncd::test {

// No connection of a test comes to its end by a deadline unless the test is about that one and sets
// it: on a machine with much else to do, a client may come to its turn only after minutes.
inline Limits patient_limits() {
  constexpr Duration long_enough = std::chrono::minutes(10);
  Limits limits;
  limits.first_byte_timeout = limits.idle_timeout = limits.message_timeout = long_enough;
  limits.call_timeout = limits.write_timeout = long_enough;
  limits.linger_timeout = limits.linger_idle_timeout = long_enough;
  return limits;
}

struct ServerSetup {
  std::string backend;
  std::string address = "127.0.0.1:0";
  std::string handler = "echo";
  std::string handler_library;  // empty: one of those that ship
  std::vector<RawOption> handler_options;
  Framing framing;
  Limits limits = patient_limits();
  BackendOptions backend_options;          // over the defaults
  std::uint64_t memory = unlimited_count;  // limits.memory
};

class TestServer {
 public:
  explicit TestServer(const ServerSetup& setup);
  ~TestServer();

  // The server's answer to another configuration, empty where it was applied.
  std::string reload(const ServerSetup& setup);
  std::size_t changes() const { return changes_; }  // of the last one
  std::size_t older_handlers();

  int port() const;
  StatsSnapshot stats() const { return server_->totals(); }
  std::map<std::string, StatsSnapshot> books() const { return server_->books(); }
  void stop() { server_->stop(); }  // at once
  void finish();                    // drains, and stops what does not end by itself

 private:
  std::unique_ptr<Server> server_;
  std::size_t changes_ = 0;
};

// Waits, for a bounded time, until `condition` holds; false: it never did.
bool eventually(const std::function<bool()>& condition);

}  // namespace asyncd::test
