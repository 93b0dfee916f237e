// A handler and a client for the tests of Session: no socket, no clock, no thread.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/session/call.h"
#include "core/session/session.h"
#include "sdk/asyncd.h"

namespace asyncd {
struct ConnectionInfo {};  // a session only hands it on
}  // namespace asyncd

namespace session_test {

using asyncd::CloseReason;
using asyncd::Framing;
using asyncd::FramingKind;
using asyncd::Limits;

struct Handler {
  int opened = 0;
  int closed = 0;
  int calls = 0;
  std::int32_t open_answer = 0;
};

// "big N": N bytes, the first of them written before there is room for all.
inline std::int32_t reply_big(asyncd_call* call, std::uint64_t size) {
  call->window[0] = '<';
  call->reply_size = 1;
  if (call->host->host_reply_reserve(call, size) != 0) {
    call->reply_size = 0;
    return ASYNCD_ERROR;
  }
  std::memset(call->window + 1, '#', static_cast<std::size_t>(size - 1));
  call->reply_size = size;
  return ASYNCD_REPLY;
}

inline std::int32_t misbehave(asyncd_call* call, std::string_view how) {
  if (how == "throw") throw std::runtime_error("thrown by the test's handler");
  static char elsewhere[3];
  if (how == "move") call->window = elsewhere;
  if (how == "forge") call->window_size = 1 << 20;
  call->reply_size = call->window_size;
  if (how == "move") call->reply_size = sizeof elsewhere;
  if (how == "lie") ++call->reply_size;
  if (how == "nonsense") return 99;
  return how == "pending" ? ASYNCD_PENDING : ASYNCD_REPLY;
}

inline std::int32_t on_message(void* self, asyncd_call* call) {
  ++static_cast<Handler*>(self)->calls;
  const std::string_view message(call->message, static_cast<std::size_t>(call->message_size));
  if (message == "bad") return asyncd_error_text(call, "not a\ngood one", 14);
  if (message == "bad in silence") return ASYNCD_ERROR;
  if (message == "none") return ASYNCD_NO_REPLY;
  for (const char* how : {"throw", "lie", "forge", "move", "pending", "nonsense"})
    if (message == how) return misbehave(call, message);
  if (message == "close") {
    call->flags |= ASYNCD_CLOSE;
    return asyncd_reply_text(call, "bye", 3);
  }
  if (message.starts_with("big "))
    return reply_big(call, std::stoull(std::string(message.substr(4))));
  if (asyncd_reply_append(call, message.data(), message.size()) != 0) return ASYNCD_ERROR;
  std::transform(call->window, call->window + call->reply_size, call->window, [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return ASYNCD_REPLY;
}

// Messages that end at ';', and may have a head that ends at '|'. '!' is not of the protocol.
inline std::int32_t find_frame(void*, const char* bytes, std::uint64_t size, asyncd_frame* frame) {
  const std::string_view input(bytes, static_cast<std::size_t>(size));
  const std::size_t end = input.find(';');
  const std::string_view found = input.substr(0, end);
  if (found.find('!') != found.npos) return -1;
  if (end == input.npos) return 0;
  frame->message_offset = found.find('|') + 1;
  frame->message_size = end - frame->message_offset;
  frame->total = end + 1;
  return 0;
}

inline std::int32_t on_open(void* self, void*, void**) {
  auto& handler = *static_cast<Handler*>(self);
  ++handler.opened;
  return handler.open_answer;
}

inline void on_close(void* self, void*, void*) { ++static_cast<Handler*>(self)->closed; }

inline const asyncd_handler& hooks() {
  static const asyncd_handler handler = [] {
    asyncd_handler made{};
    made.size = sizeof made;
    made.concurrency = ASYNCD_REENTRANT;
    made.name = "test";
    made.connection_open = on_open;
    made.connection_close = on_close;
    made.message = on_message;
    made.frame = find_frame;
    return made;
  }();
  return handler;
}

inline const asyncd_host& host() {
  static const asyncd_host made = {sizeof made, ASYNCD_ABI_MINOR, asyncd::session_reply_reserve,
                                   nullptr,     nullptr,          nullptr,
                                   nullptr};
  return made;
}

inline std::unique_ptr<asyncd::Service> make_service(Handler& handler, const Framing& framing,
                                                     const Limits& limits) {
  auto service = std::make_unique<asyncd::Service>();
  service->handler_name = "test";
  service->hooks = &hooks();
  service->self = &handler;
  service->host = &host();
  service->framer = asyncd::make_framer(framing, limits.max_message, hooks(), &handler);
  service->limits = limits;
  return service;
}

inline Limits low_water_marks() {
  Limits limits;
  limits.output_high_water = 1000;
  limits.output_low_water = 200;
  return limits;
}

// What a client and a driver do with `session` and `now` of their ClientType, which has turn().
template <class ClientType>
struct Turns {
  // One turn. The bytes are gone after it, so that a sanitizer sees who looks at them later.
  bool give(std::string_view bytes) {
    const std::string lent(bytes);
    client().session.on_bytes(lent);
    return client().turn();
  }
  void wait(asyncd::Duration time) {
    client().now += time;
    client().turn();
  }

  // The client reads.
  std::string take(std::size_t most = std::string::npos) {
    std::string taken;
    while (taken.size() < most) {
      const std::string_view pending =
          client().session.pending_output().substr(0, most - taken.size());
      if (pending.empty()) break;
      taken += pending;
      client().session.on_sent(pending.size(), client().now);
    }
    return taken;
  }

  // As many turns as there are to do, while the client reads everything.
  std::string finish_turns() {
    std::string taken;
    do taken += take();
    while (client().turn() || !client().session.pending_output().empty());
    return taken;
  }
  std::string talk(std::string_view bytes) {
    give(bytes);
    return finish_turns();
  }

 private:
  ClientType& client() { return static_cast<ClientType&>(*this); }
};

// A session with the client and the driver of it, in virtual time. It begins when `now` is one
// hour.
struct Client : Turns<Client> {
  explicit Client(const Framing& framing = {}, const Limits& limits = {},
                  std::int32_t open_answer = 0)
      : handler{.open_answer = open_answer},
        service(make_service(handler, framing, limits)),
        session(*service, pool, nullptr, info, now) {}

  bool end() {
    session.on_eof();
    return turn();
  }
  bool turn() {
    if (session.wants_last_look(now)) session.on_last_look(unread);
    const bool more = session.run(now);
    if (session.wants_taken()) {
      ++looks;
      session.on_taken({session.counters().bytes_sent - kept_by_system, kept_by_system != 0}, now);
    }
    return more;
  }
  void sent(std::size_t bytes) { session.on_sent(bytes, now); }
  void shut() { session.on_shutdown(now); }

  Handler handler;
  std::unique_ptr<asyncd::Service> service;
  asyncd::BufferPool pool;
  asyncd::ConnectionInfo info;
  asyncd::Instant now = asyncd::Instant{} + std::chrono::hours(1);
  std::size_t unread = 0;          // in the system's buffer
  std::size_t kept_by_system = 0;  // of what was sent: the client has not taken it
  int looks = 0;                   // at that
  asyncd::Session session;
};

}  // namespace session_test
