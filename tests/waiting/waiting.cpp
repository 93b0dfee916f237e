// waiting: does what its messages say, step by step, over the bare C interface. A message is words
// with spaces between:
//     sleep:MS        waits so long
//     post:MS         waits until a thread posts after MS
//     work:MS         waits while another thread takes MS
//     two:MS          waits for two sleeps at once
//     never           waits until it is cancelled
//     rescue          waits likewise, and the cancel hook posts it
//     welcome         waits until a second client has come
//     borrow          waits with the ticket of the call that said never last
//     ask:ADDR,TEXT   sends a line to another server, and adds what one read brings
//     say:TEXT        adds it to the reply
//     why             adds the system's number of what failed last
//     pad:N           adds N bytes to the reply
//     part:N          N bytes of the reply, sent at once
//     limit:MS        of the next step, else none
//     close           ends the connection after the reply
// These break the rules:
//     block:MS        holds up its thread
//     forget          is pending, with nothing under way
//     again:MS        submits a sleep twice
//     told:MS         on an event loop: submits one of two sleeps again before it learns its end
//     throw           has work that throws
//     meddle          has work that submits
//
// What a step came to is added to the reply where it is not ASYNCD_OK: "end", "timed-out",
// "cancelled" or "failed".
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "asyncd.h"

namespace {

struct Posters {
  std::mutex mutex;
  std::vector<std::thread> threads;
};

struct Handler {
  std::atomic<int> pending{0};
  std::atomic<std::uint64_t> cancelled{0};
  std::atomic<std::uint64_t> last_ticket{0};  // of never
  std::atomic<std::uint64_t> to_rescue{0};
  std::atomic<std::uint64_t> to_welcome{0};
  std::atomic<int> opened{0};
  const asyncd_host* host = nullptr;
  std::atomic<bool> rescued{false};
  Posters posters;
};

// A message on its way. In memory of the call's.
struct Job {
  Handler* handler;
  asyncd_call* call;
  std::string_view rest;
  asyncd_op op;
  asyncd_op second;
  int under_way = 0;
  bool tells = false;
  std::int64_t limit = 0;
  std::int32_t error = 0;  // of the last operation that failed
  char input[256];
  char line[256];
  enum class Asking { no, connecting, writing, reading, closing } asking = Asking::no;
};

const asyncd_host& host_of(const Job& job) { return *job.call->host; }

// True, as of a step that is done at once.
bool add(Job& job, std::string_view text) {
  (void)asyncd_reply_append(job.call, text.data(), text.size());
  return true;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view next_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

void add_result(Job& job, std::int32_t result) {
  constexpr std::string_view names[] = {"", "end", "timed-out", "cancelled", "failed"};
  add(job, names[result]);
}

void on_done(void* context, asyncd_op* op);

asyncd_op& prepare(Job& job, std::uint32_t kind, asyncd_op& op) {
  op = {};
  op.size = sizeof op;
  op.kind = kind;
  op.timeout = std::exchange(job.limit, 0);
  op.done = on_done;
  op.context = &job;
  return op;
}

asyncd_op& prepare(Job& job, std::uint32_t kind) { return prepare(job, kind, job.op); }

// True: it has ended.
bool submit(Job& job, asyncd_op& op) {
  ++job.under_way;
  if (host_of(job).host_submit(job.call, &op) == ASYNCD_PENDING) return false;
  --job.under_way;
  return true;
}

bool work(Job& job, std::int64_t millis) {
  asyncd_op& op = prepare(job, ASYNCD_OP_OFFLOAD);
  op.data_size = static_cast<std::uint64_t>(millis);
  op.work_context = &op;
  op.work = [](void* context) {
    std::this_thread::sleep_for(
        std::chrono::milliseconds(static_cast<asyncd_op*>(context)->data_size));
  };
  return submit(job, op);
}

bool sleep(Job& job, std::int64_t nanos, asyncd_op& op) {
  job.limit = nanos;
  return submit(job, prepare(job, ASYNCD_OP_SLEEP, op));
}

bool sleep_twice(Job& job, std::int64_t nanos) {
  const bool ended = sleep(job, nanos, job.second);
  return sleep(job, nanos, job.op) && ended;
}

bool submit_at_work(Job& job) {
  asyncd_op& op = prepare(job, ASYNCD_OP_OFFLOAD);
  op.work_context = &job;
  op.work = [](void* context) {
    Job& its_job = *static_cast<Job*>(context);
    its_job.second = {};
    its_job.second.size = sizeof its_job.second;
    its_job.second.kind = ASYNCD_OP_SLEEP;
    (void)host_of(its_job).host_submit(its_job.call, &its_job.second);
  };
  return submit(job, op);
}

bool throw_at_work(Job& job) {
  asyncd_op& op = prepare(job, ASYNCD_OP_OFFLOAD);
  op.work = [](void*) { throw std::runtime_error("thrown by the test's handler"); };
  return submit(job, op);
}

bool await_post(Job& job, std::uint64_t ticket) {
  prepare(job, ASYNCD_OP_EXTERNAL).ticket = ticket;
  return submit(job, job.op);
}

bool post_later(Job& job, std::int64_t millis) {
  const std::uint64_t ticket = host_of(job).host_ticket(job.call);
  {
    const std::lock_guard lock(job.handler->posters.mutex);
    job.handler->posters.threads.emplace_back([ticket, post = host_of(job).host_post, millis] {
      std::this_thread::sleep_for(std::chrono::milliseconds(millis));
      (void)post(ticket);
    });
  }
  return await_post(job, ticket);
}

bool never(Job& job, std::atomic<std::uint64_t>& ticket) {
  return await_post(job, ticket = host_of(job).host_ticket(job.call));
}

bool welcome(Job& job) {
  const std::uint64_t ticket = job.handler->to_welcome = host_of(job).host_ticket(job.call);
  if (job.handler->opened >= 2) (void)host_of(job).host_post(ticket);
  return await_post(job, ticket);
}

bool submit_again(Job& job, std::int64_t nanos) {
  if (sleep(job, nanos, job.op)) return true;
  (void)host_of(job).host_submit(job.call, &job.op);
  return false;
}

bool pad(Job& job, std::int64_t size) {
  add(job, std::string(static_cast<std::size_t>(size), 'p'));
  return true;
}

bool send_part(Job& job, std::int64_t size) {
  pad(job, size);
  return submit(job, prepare(job, ASYNCD_OP_FLUSH));
}

bool go_on_asking(Job& job);

bool ask(Job& job, std::string_view what) {
  const std::size_t comma = what.find(',');
  asyncd_op& op = prepare(job, ASYNCD_OP_CONNECT);
  const std::string_view address = what.substr(0, comma), text = what.substr(comma + 1);
  address.copy(job.input, sizeof job.input);
  op.data = job.input;
  op.data_size = address.size();
  text.copy(job.line, sizeof job.line - 1);
  job.line[text.size()] = '\n';
  job.line[text.size() + 1] = '\0';
  job.asking = Job::Asking::connecting;
  return submit(job, op) && go_on_asking(job);
}

// After each operation of it. True: all has ended.
bool go_on_asking(Job& job) {
  for (;;) {
    asyncd_op& op = job.op;
    asyncd_stream* const stream = op.stream;
    if (op.result != ASYNCD_OK) {
      job.asking = Job::Asking::no;
      return true;  // the call's end closes the stream
    }
    switch (job.asking) {
      case Job::Asking::no:
        return true;
      case Job::Asking::connecting:
        prepare(job, ASYNCD_OP_WRITE).data = job.line;
        op.data_size = std::strlen(job.line);
        job.asking = Job::Asking::writing;
        break;
      case Job::Asking::writing:
        prepare(job, ASYNCD_OP_READ).data = job.input;
        op.data_size = sizeof job.input;
        job.asking = Job::Asking::reading;
        break;
      case Job::Asking::reading:
        add(job, std::string_view(job.input, op.transferred).substr(0, op.transferred - 1));
        prepare(job, ASYNCD_OP_CLOSE);
        job.asking = Job::Asking::closing;
        break;
      case Job::Asking::closing:
        job.asking = Job::Asking::no;
        return true;
    }
    op.stream = stream;
    if (!submit(job, op)) return false;
  }
}

// One word of the message. True: it has ended.
bool begin(Job& job, std::string_view word) {
  constexpr std::int64_t milli = 1'000'000;
  const std::size_t colon = std::min(word.find(':'), word.size());
  const std::string_view verb = word.substr(0, colon);
  const std::string_view object = word.substr(std::min(colon + 1, word.size()));
  job.op = {};
  if (verb == "sleep") return sleep(job, number_of(object) * milli, job.op);
  if (verb == "post") return post_later(job, number_of(object));
  if (verb == "work") return work(job, number_of(object));
  if (verb == "told") job.tells = true;
  if (verb == "two" || verb == "told") return sleep_twice(job, number_of(object) * milli);
  if (verb == "throw") return throw_at_work(job);
  if (verb == "meddle") return submit_at_work(job);
  if (verb == "part") return send_part(job, number_of(object));
  if (verb == "pad") return pad(job, number_of(object));
  if (verb == "ask") return ask(job, object);
  if (verb == "why") return add(job, std::to_string(job.error));
  if (verb == "say") return add(job, object);
  if (verb == "limit") {
    job.limit = number_of(object) * milli;
    return true;
  }
  if (verb == "block") {
    std::this_thread::sleep_for(std::chrono::milliseconds(number_of(object)));
    return true;
  }
  if (verb == "close") {
    job.call->flags |= ASYNCD_CLOSE;
    return true;
  }
  if (verb == "never") return never(job, job.handler->last_ticket);
  if (verb == "rescue") return never(job, job.handler->to_rescue);
  if (verb == "welcome") return welcome(job);
  if (verb == "borrow") return await_post(job, job.handler->last_ticket);
  if (verb == "again") return submit_again(job, number_of(object) * milli);
  return add(job, "?");
}

void end(Job& job) {
  asyncd_call* const call = job.call;
  --job.handler->pending;
  job.~Job();
  call->host->host_release(call, &job, sizeof job);
}

// True: the message is done with. `waited`: the operation in hand has just ended.
bool go_on(Job& job, bool waited) {
  for (;;) {
    if (waited) {
      if (job.asking != Job::Asking::no && !go_on_asking(job)) return false;
      if (job.under_way != 0) return false;
      add_result(job, job.op.result);
      if (job.op.result == ASYNCD_FAILED) job.error = job.op.error;
    }
    if (job.rest.empty()) return true;
    waited = true;
    if (!begin(job, next_word(job.rest))) return false;
  }
}

void on_done(void* context, asyncd_op* op) {
  Job& job = *static_cast<Job*>(context);
  --job.under_way;
  if (std::exchange(job.tells, false))
    (void)host_of(job).host_submit(job.call, op == &job.op ? &job.second : &job.op);
  asyncd_call* const call = job.call;
  const Handler& handler = *job.handler;
  const bool was_rescued =
      handler.rescued && job.op.ticket != 0 && job.op.ticket == handler.to_rescue;
  if (was_rescued && job.op.result != ASYNCD_OK) std::abort();  // host_post has promised otherwise
  if (!go_on(job, true)) return;
  end(job);
  call->host->host_finish(call, ASYNCD_REPLY);
}

std::int32_t on_message(void* self, asyncd_call* call) {
  auto& handler = *static_cast<Handler*>(self);
  const std::string_view message(call->message, call->message_size);
  if (message == "forget") return ASYNCD_PENDING;
  void* const memory = call->host->host_allocate(call, sizeof(Job));
  if (memory == nullptr) return asyncd_error_text(call, "no memory", 9);
  Job& job = *::new (memory)
                 Job{.handler = &handler, .call = call, .rest = message, .op = {}, .second = {}};
  ++handler.pending;
  if (!go_on(job, false)) return ASYNCD_PENDING;
  end(job);
  return ASYNCD_REPLY;
}

void on_cancel(void* self, asyncd_call* call) {
  auto& handler = *static_cast<Handler*>(self);
  ++handler.cancelled;
  if (handler.to_rescue != 0) handler.rescued = call->host->host_post(handler.to_rescue) == 0;
}

std::int32_t create(asyncd_setup* setup, void** self) {
  auto* const handler = new Handler;
  handler->host = setup->host;
  *self = handler;
  return 0;
}

void destroy(void* self) {
  auto* const handler = static_cast<Handler*>(self);
  for (std::thread& thread : handler->posters.threads) thread.join();
  if (handler->pending != 0) std::abort();  // a call that has never ended
  delete handler;
}

std::int32_t on_open(void* self, void*, void**) {
  auto& handler = *static_cast<Handler*>(self);
  if (++handler.opened == 2) (void)handler.host->host_post(handler.to_welcome);
  return 0;
}

constexpr asyncd_handler describe(std::uint32_t concurrency, const char* name) {
  asyncd_handler handler{};
  handler.size = sizeof handler;
  handler.flags = ASYNCD_ASYNC;
  handler.concurrency = concurrency;
  handler.name = name;
  handler.create = create;
  handler.destroy = destroy;
  handler.connection_open = on_open;
  handler.message = on_message;
  handler.cancel = on_cancel;
  return handler;
}

constexpr asyncd_handler waiting = describe(ASYNCD_REENTRANT, "waiting");
constexpr asyncd_handler waiting_in_order = describe(ASYNCD_PER_CONNECTION, "waiting-in-order");
constexpr asyncd_handler waiting_alone = describe(ASYNCD_SERIAL, "waiting-alone");
constexpr const asyncd_handler* handlers[] = {&waiting, &waiting_in_order, &waiting_alone};

}  // namespace

const asyncd_plugin asyncd_plugin_v1 = {sizeof(asyncd_plugin), ASYNCD_ABI_MINOR, 3, 0, handlers};
