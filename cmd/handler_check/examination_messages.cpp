// What clients might send, by chance.
#include <fmt/core.h>

#include <vector>

#include "cmd/handler_check/complaints.h"
#include "cmd/handler_check/conversation.h"
#include "cmd/handler_check/examination.h"
#include "core/text/text.h"

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
  Clients(const std::shared_ptr<const Service>& service, RehearsedOperations& operations,
          std::size_t count)
      : worker_(service), operations_(operations), clients_(count) {}

  bool ok() const { return worker_.ok(); }

  // What goes wrong, or empty.
  std::string send(std::string_view bytes, RandomMessages& chance) {
    std::unique_ptr<Conversation>& client = clients_[chance.below(clients_.size())];
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
  void renew(std::unique_ptr<Conversation>& client) {
    client.reset();
    client = std::make_unique<Conversation>(worker_, pool_, operations_);
  }

  std::string failure() const {
    if (std::string leak = operations_.leak(); !leak.empty()) return leak;
    for (const auto& client : clients_)
      if (client != nullptr && client->handler_failed())
        return "the hook message, or the end of an operation, fails";
    return "";
  }

  // Its memory is still in use, so it may not be given back.
  std::string lost() {
    for (auto& client : clients_) static_cast<void>(client.release());
    return "a call does not end, and nothing that it could wait for is under way";
  }

  BufferPool pool_;
  const Worker worker_;
  RehearsedOperations& operations_;
  std::vector<std::unique_ptr<Conversation>> clients_;
};

}  // namespace

// In the framing in which any bytes are a message.
std::string Examination::with_prefix(const Service& service, std::string_view message) {
  std::string framed(service.framer->prefix_size(), '\0');
  service.framer->write_prefix(framed.data(), message.size());
  return framed.append(message);
}

// In the two ways in which backends serve a handler that waits; for others they are one.
bool Examination::examine_messages(bool deferred) {
  const char* const way = deferred ? "messages, deferred" : "messages, inline";
  findings_.begin(handler_->name, asynchronous() ? way : "messages");
  const Result<ServicePointer> service = make(values_);
  if (!service) return finish(service.error().message);
  RandomMessages chance(seed_, static_cast<std::size_t>((*service)->limits.max_message));
  RehearsedOperations operations(deferred, chance);
  Clients clients(*service, operations,
                  handler_->hooks.concurrency == ASYNCD_SERIAL ? 1 : clients_at_once);
  if (!clients.ok()) return finish("its worker_create fails");
  for (int number = 1; number <= message_count; ++number) {
    const std::string message = chance.next();
    const std::string step = describe(number, "message", message);
    findings_.at(step);
    std::string wrong = clients.send(with_prefix(**service, message), chance);
    if (const std::string complaint = take_complaints(); !complaint.empty()) wrong = complaint;
    if (!wrong.empty()) return finish(wrong + ", in " + step);
  }
  findings_.at("the end of the last calls");
  const std::string wrong = clients.end();
  return finish(wrong, fmt::format("{} random ones; seed {}", message_count, seed_));
}

// Bytes that may be messages of its protocol, and hardly ever are, in pieces.
bool Examination::examine_frames() {
  if (handler_->hooks.frame == nullptr) return true;
  findings_.begin(handler_->name, "frames");
  const Result<ServicePointer> service = make(values_, FramingKind::handler);
  if (!service) return finish(service.error().message);
  RandomMessages chance(seed_, 64 << 10);
  RehearsedOperations operations(asynchronous(), chance);
  BufferPool pool;
  const Worker worker(*service);
  if (!worker.ok()) return finish("its worker_create fails");
  for (int number = 1; number <= message_count; ++number) {
    const std::string bytes = chance.next() + (chance.below(2) == 0 ? "\r\n" : "");
    const std::string step = describe(number, "input", bytes);
    findings_.at(step);
    auto client = std::make_unique<Conversation>(worker, pool, operations);
    bool settled = true;
    for (std::size_t begin = 0, size = 0; begin < bytes.size() && !client->ended() && settled;
         begin += size) {
      size = 1 + chance.below(chance.below(2) == 0 ? 8 : bytes.size());
      client->send(std::string_view(bytes).substr(begin, size));
      settled = client->settle();
    }
    if (settled) client->send_end();
    std::string wrong = take_complaints();
    if (wrong.empty()) wrong = operations.leak();
    if (wrong.empty() && client->handler_failed()) wrong = "the hook frame or message fails";
    if (!settled || !client->settle()) {
      static_cast<void>(client.release());  // its memory is still in use
      wrong = "a call does not end";
    }
    if (!wrong.empty()) return finish(wrong + ", in " + step);
  }
  return finish("", fmt::format("{} random inputs in pieces", message_count));
}

}  // namespace asyncd
