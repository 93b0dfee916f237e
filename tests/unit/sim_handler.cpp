#include "sim_handler.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/session/call.h"
#include "tests/support/failing_new.h"

namespace sim {

namespace {

using asyncd::test::CountAllocations;

constexpr std::size_t most_digits = 5;
constexpr std::size_t piece = 100;

struct Connection {
  Handler* handler;
};

std::string varied_text(std::string_view digits) {
  std::size_t size = 0;
  std::from_chars(digits.data(), digits.data() + std::min(digits.size(), most_digits), size);
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i + i / 26 + size) % 26);
  return text;
}

// In pieces, so that the reply has to grow with some of it written.
std::int32_t write(asyncd_call* call, const Answer& answer) {
  for (std::string_view rest = answer.text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size())))
    if (asyncd_reply_append(call, rest.data(), std::min(piece, rest.size())) != 0) {
      call->reply_size = 0;
      return ASYNCD_ERROR;
    }
  return answer.outcome;
}

std::int32_t on_message(void* self, asyncd_call* call) {
  Answer answer;
  {
    const CountAllocations own(false);
    auto& handler = *static_cast<Handler*>(self);
    ++handler.calls;
    const auto* connection = static_cast<Connection*>(call->connection);
    if (connection == nullptr || connection->handler != &handler) handler.called_wrongly = true;
    answer = answer_to({call->message, static_cast<std::size_t>(call->message_size)});
  }
  if (answer.closes) call->flags |= ASYNCD_CLOSE;
  return write(call, answer);
}

std::int32_t on_open(void* self, void*, void** connection) {
  const CountAllocations own(false);
  auto& handler = *static_cast<Handler*>(self);
  if (handler.refuses) return -1;
  ++handler.opened;
  ++handler.open_now;
  *connection = new Connection{&handler};
  return 0;
}

void on_close(void* self, void*, void* connection) {
  --static_cast<Handler*>(self)->open_now;
  delete static_cast<Connection*>(connection);
}

const asyncd_handler& hooks() {
  static const asyncd_handler handler = [] {
    asyncd_handler made{};
    made.size = sizeof made;
    made.concurrency = ASYNCD_PER_CONNECTION;
    made.name = "sim";
    made.connection_open = on_open;
    made.connection_close = on_close;
    made.message = on_message;
    return made;
  }();
  return handler;
}

const asyncd_host& host() {
  static const asyncd_host made = {sizeof made, ASYNCD_ABI_MINOR, asyncd::session_reply_reserve, nullptr, nullptr,
                                   nullptr,     nullptr};
  return made;
}

}  // namespace

Answer answer_to(std::string_view message) {
  Answer answer;
  const char first = message.empty() ? '\0' : message.front();
  if (first == '-') return {.outcome = ASYNCD_NO_REPLY};
  if (first == '?') return {.outcome = ASYNCD_ERROR};
  if (first == '!') return {.outcome = ASYNCD_ERROR, .text = std::string(message) + "\nin two lines"};
  if (first == '*') return {.text = varied_text(message.substr(1))};
  answer.closes = first == '.';
  answer.text = std::to_string(message.size()) + ":";
  for (const char letter : message) answer.text += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return answer;
}

std::unique_ptr<asyncd::Service> make_service(Handler& handler, const asyncd::Framing& framing,
                                              const asyncd::Limits& limits) {
  auto service = std::make_unique<asyncd::Service>();
  service->handler_name = "sim";
  service->hooks = &hooks();
  service->self = &handler;
  service->host = &host();
  service->framer = asyncd::make_framer(framing, limits.max_message, hooks(), &handler);
  service->limits = limits;
  return service;
}

}  // namespace sim
