#include "handler.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/session/async_call.h"
#include "tests/support/failing_new.h"

namespace sim {

namespace {

using asyncd::test::CountAllocations;

constexpr std::size_t most_digits = 5;
constexpr std::size_t piece = 100;

struct Worker {
  Handler* handler;
};

struct Connection {
  Handler* handler;
  Worker* worker;
};

std::string varied_text(std::string_view digits, char mark) {
  std::size_t size = 0;
  std::from_chars(digits.data(), digits.data() + std::min(digits.size(), most_digits), size);
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>('a' + (i + i / 26 + size + static_cast<unsigned char>(mark)) % 26);
  return text;
}

std::int32_t on_message(void* self, asyncd_call* call) {
  Answer answer;
  {
    const CountAllocations own(false);
    auto& handler = *static_cast<Handler*>(self);
    note_call(handler, *call);
    answer = answer_to({call->message, static_cast<std::size_t>(call->message_size)}, handler.mark);
  }
  if (answer.closes) call->flags |= ASYNCD_CLOSE;
  if (append(call, answer.text)) return answer.outcome;
  call->reply_size = 0;
  return ASYNCD_ERROR;
}

std::int32_t on_open(void* self, void* worker, void** connection) {
  const CountAllocations own(false);
  auto& handler = *static_cast<Handler*>(self);
  if (handler.refuses) return -1;
  ++handler.opened;
  ++handler.open_now;
  *connection = new Connection{&handler, static_cast<Worker*>(worker)};
  return 0;
}

void on_close(void* self, void* worker, void* connection) {
  auto& handler = *static_cast<Handler*>(self);
  const std::unique_ptr<Connection> ended(static_cast<Connection*>(connection));
  --handler.open_now;
  if (ended->worker != worker || ended->worker->handler != &handler) handler.called_wrongly = true;
}

std::int32_t on_worker_create(void* self, void** worker) {
  const CountAllocations own(false);
  auto& handler = *static_cast<Handler*>(self);
  if (handler.refuses_workers) return -1;
  ++handler.workers;
  ++handler.workers_now;
  *worker = new Worker{&handler};
  return 0;
}

void on_worker_destroy(void* self, void* worker) {
  auto& handler = *static_cast<Handler*>(self);
  --handler.workers_now;
  // a use from now on is found out, or found by a sanitizer
  static_cast<Worker*>(worker)->handler = nullptr;
  delete static_cast<Worker*>(worker);
}

const asyncd_host& host() {
  static const asyncd_host host = [] {
    asyncd_host made{};
    made.size = sizeof made;
    made.abi_minor = ASYNCD_ABI_MINOR;
    made.host_reply_reserve = asyncd::session_reply_reserve;
    made.host_submit = asyncd::session_submit;
    made.host_finish = asyncd::session_finish_call;
    made.host_ticket = asyncd::session_open_ticket;
    made.host_allocate = asyncd::session_allocate;
    made.host_release = asyncd::session_release;
    return made;
  }();
  return host;
}

}  // namespace

const asyncd_handler& hooks() {
  static const asyncd_handler handler = [] {
    asyncd_handler made{};
    made.size = sizeof made;
    made.concurrency = ASYNCD_PER_CONNECTION;
    made.name = "sim";
    made.worker_create = on_worker_create;
    made.worker_destroy = on_worker_destroy;
    made.connection_open = on_open;
    made.connection_close = on_close;
    made.message = on_message;
    return made;
  }();
  return handler;
}

void note_call(Handler& handler, const asyncd_call& call) {
  ++handler.calls;
  const auto* connection = static_cast<Connection*>(call.connection);
  const bool known = connection != nullptr && connection->handler == &handler;
  if (!known || connection->worker != call.worker || connection->worker->handler != &handler)
    handler.called_wrongly = true;
}

// In pieces, so that the reply has to grow with some of it written.
bool append(asyncd_call* call, std::string_view text) {
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    if (asyncd_reply_append(call, text.data(), std::min(piece, text.size())) != 0) return false;
  return true;
}

Answer answer_to(std::string_view message, char mark) {
  Answer answer;
  const char first = message.empty() ? '\0' : message.front();
  if (first == '-') return {.outcome = ASYNCD_NO_REPLY};
  if (first == '?') return {.outcome = ASYNCD_ERROR};
  if (first == '!')
    return {.outcome = ASYNCD_ERROR, .text = std::string(message) + "\nin two lines"};
  if (first == '*') return {.text = varied_text(message.substr(1), mark)};
  answer.closes = first == '.';
  answer.text = std::to_string(message.size()) + mark;
  for (const char letter : message)
    answer.text += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return answer;
}

std::shared_ptr<asyncd::Service> make_service(Handler& handler, const asyncd::Framing& framing,
                                              const asyncd::Limits& limits, std::uint64_t number) {
  auto service = std::make_shared<asyncd::Service>();
  service->handler_name = "sim";
  service->hooks = &hooks();
  service->self = &handler;
  service->host = &host();
  service->framer = asyncd::make_framer(framing, limits.max_message, hooks(), &handler);
  service->limits = limits;
  service->number = number;
  return service;
}

}  // namespace sim
