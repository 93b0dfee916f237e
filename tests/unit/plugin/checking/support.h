// asyncd's side of a handler, played by the tests of the checking host, and a handler that does
// what each test says. One at a time.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/accept/connection_info.h"
#include "core/plugin/checking/checking_host.h"
#include "core/session/call.h"

namespace checking_test {

using asyncd::CheckingHost;

struct Told {
  std::string handler, hook, what;
  bool fatal = false;
  std::uint64_t connection = 0;
};
std::vector<Told>& told();  // all violations of the test; of one thread at a time
std::string last_told();    // "hook: what"; empty where there is none

// What the handler's hooks do; those that are empty are there, and do nothing.
struct Script {
  std::function<std::int32_t(asyncd_setup*)> create;
  std::function<void()> destroy, worker_destroy, connection_close;
  std::function<std::int32_t()> worker_create, connection_open;
  std::function<std::int32_t(asyncd_call*)> message;
  std::function<std::int32_t(const char*, std::uint64_t, asyncd_frame*)> frame;
};

// An asyncd with one worker and one connection, all of them begun and ended by the test.
class Play {
 public:
  explicit Play(std::uint32_t concurrency = ASYNCD_PER_CONNECTION);
  ~Play();
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  Script script;
  asyncd_host functions{};
  std::string refusal;           // what host_refuse was told
  std::vector<std::string> log;  // what host_log was told
  std::uint64_t most_reply = 10'000;

  // Each of asyncd's steps, as it comes.
  std::int32_t create();
  void destroy();
  void* begin_worker();  // null where it is refused
  void end_worker(void* worker);
  void* open(void* worker);
  void close(void* worker, void* connection);
  std::string send(void* worker, void* connection, std::string_view message);
  asyncd_frame find(std::string_view bytes, std::int32_t& outcome);

  // All of them up to an open connection, and back; the reply, or "<failed>", "<nothing>", "error:
  // ...".
  void begin();
  void end();
  std::string send(std::string_view message) { return send(worker_, connection_, message); }

  void* worker() const { return worker_; }
  void* connection() const { return connection_; }

 private:
  struct Served;

  asyncd_handler hooks_{};
  std::unique_ptr<CheckingHost> checking_;
  void* self_ = nullptr;
  void* worker_ = nullptr;
  void* connection_ = nullptr;
};

}  // namespace checking_test
