#include <fmt/core.h>

#include <vector>

#include "cmd/handler_check/checks.h"
#include "cmd/handler_check/simulated_connection.h"
#include "cmd/handler_check/violations.h"
#include "core/text/escape.h"

namespace asyncd {

namespace {

constexpr int message_count = 1000;
constexpr std::size_t clients_at_once = 3;

std::string describe(int number, std::string_view what, std::string_view bytes) {
  return fmt::format("{} {} of {}, {} bytes \"{}\"", what, number, message_count, bytes.size(),
                     text::printable(bytes, 48));
}

// Clients of one worker, who come and go.
class Clients {
 public:
  Clients(const std::shared_ptr<const Service>& service, SimulatedOperations& operations,
          std::size_t count)
      : worker_(service), operations_(operations), clients_(count) {}

  // A client with calls under way is in use still, so its memory may not be given back.
  ~Clients() {
    for (auto& client : clients_)
      if (client != nullptr && client->has_calls()) static_cast<void>(client.release());
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  bool ok() const { return worker_.ok(); }

  // What goes wrong, or empty.
  std::string send(std::string_view bytes, RandomMessages& chance) {
    std::unique_ptr<SimulatedConnection>& client = clients_[chance.below(clients_.size())];
    if (client != nullptr && !client->settle()) return lost();
    if (client == nullptr || client->ended() || chance.below(50) == 0) renew(client);
    client->send(bytes);
    for (std::size_t steps = chance.below(4); steps > 0 && operations_.run(); --steps) {
    }
    if (chance.below(100) == 0) client->cut();
    return failure();
  }

  std::string end() {
    for (const auto& client : clients_)
      if (client != nullptr && !client->settle()) return lost();
    const std::string wrong = failure();
    clients_.clear();
    if (wrong.empty() && operations_.under_way() != 0)
      return "operations are left of calls that have ended";
    return wrong;
  }

 private:
  void renew(std::unique_ptr<SimulatedConnection>& client) {
    client.reset();
    client = std::make_unique<SimulatedConnection>(worker_, pool_, operations_);
  }

  std::string failure() const {
    if (std::string leak = operations_.leak(); !leak.empty()) return leak;
    for (const auto& client : clients_)
      if (client != nullptr && client->handler_failed())
        return "the hook message, or the end of an operation, fails";
    return "";
  }

  static std::string lost() {
    return "a call does not end, and nothing that it could wait for is under way";
  }

  BufferPool pool_;
  const Worker worker_;
  SimulatedOperations& operations_;
  std::vector<std::unique_ptr<SimulatedConnection>> clients_;
};

}  // namespace

std::string with_prefix(const Service& service, std::string_view message) {
  std::string framed(service.framer->prefix_size(), '\0');
  service.framer->write_prefix(framed.data(), message.size());
  return framed.append(message);
}

bool check_messages(Subject& subject, bool deferred) {
  const char* const way = deferred ? "messages, deferred" : "messages, inline";
  subject.begin(subject.asynchronous() ? way : "messages");
  const Result<std::shared_ptr<const Service>> service = subject.make();
  if (!service) return subject.finish(service.error().message);
  RandomMessages chance(subject.seed(), static_cast<std::size_t>((*service)->limits.max_message));
  SimulatedOperations operations(deferred, chance);
  Clients clients(*service, operations,
                  subject.handler().hooks.concurrency == ASYNCD_SERIAL ? 1 : clients_at_once);
  if (!clients.ok()) return subject.finish("its worker_create fails");
  for (int number = 1; number <= message_count; ++number) {
    const std::string message = chance.next();
    const std::string step = describe(number, "message", message);
    subject.at(step);
    std::string wrong = clients.send(with_prefix(**service, message), chance);
    if (const std::string complaint = take_violations(); !complaint.empty()) wrong = complaint;
    if (!wrong.empty()) return subject.finish(wrong + ", in " + step);
  }
  subject.at("the end of the last calls");
  const std::string wrong = clients.end();
  return subject.finish(wrong,
                        fmt::format("{} random ones; seed {}", message_count, subject.seed()));
}

bool check_frames(Subject& subject) {
  if (subject.handler().hooks.frame == nullptr) return true;
  subject.begin("frames");
  const Result<std::shared_ptr<const Service>> service = subject.make(FramingKind::handler);
  if (!service) return subject.finish(service.error().message);
  RandomMessages chance(subject.seed(), 64 << 10);
  SimulatedOperations operations(subject.asynchronous(), chance);
  BufferPool pool;
  const Worker worker(*service);
  if (!worker.ok()) return subject.finish("its worker_create fails");
  for (int number = 1; number <= message_count; ++number) {
    const std::string bytes = chance.next() + (chance.below(2) == 0 ? "\r\n" : "");
    const std::string step = describe(number, "input", bytes);
    subject.at(step);
    auto client = std::make_unique<SimulatedConnection>(worker, pool, operations);
    bool settled = true;
    for (std::size_t begin = 0, size = 0; begin < bytes.size() && !client->ended() && settled;
         begin += size) {
      size = 1 + chance.below(chance.below(2) == 0 ? 8 : bytes.size());
      client->send(std::string_view(bytes).substr(begin, size));
      settled = client->settle();
    }
    if (settled) client->send_end();
    std::string wrong = take_violations();
    if (wrong.empty()) wrong = operations.leak();
    if (wrong.empty() && client->handler_failed()) wrong = "the hook frame or message fails";
    if (!settled || !client->settle()) {
      static_cast<void>(client.release());  // its memory is still in use
      wrong = "a call does not end";
    }
    if (!wrong.empty()) return subject.finish(wrong + ", in " + step);
  }
  return subject.finish("", fmt::format("{} random inputs in pieces", message_count));
}

}  // namespace asyncd
