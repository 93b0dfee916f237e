// The handler's side of a Session: how a message becomes a reply.
#include "core/session/call.h"

#include <algorithm>
#include <new>
#include <string>

#include "core/session/async_call.h"
#include "core/session/observer.h"
#include "core/session/session.h"

namespace asyncd {

namespace {

constexpr std::string_view error_mark = "error: ";

}  // namespace

std::uint64_t Session::reply_limit() const {
  return std::min({service_.limits.max_reply, service_.framer->longest_reply(),
                   std::uint64_t{Buffer::most_bytes}});
}

// Room in the back buffer for the framing's prefix, a reply and a line's end; the window is the
// part in between.
void Session::open_reply(Call& call) {
  const std::size_t wanted =
      std::max<std::size_t>(least_window, static_cast<std::size_t>(call.window_size));
  back_.reserve(wanted + around_reply());
  call.window = window().data();
  call.window_size = window().size();
}

// What the call says of its window is in the handler's hands; this is not.
std::span<char> Session::window() {
  return {back_.reserve(0) + service_.framer->prefix_size(), back_.room() - around_reply()};
}

std::size_t Session::around_reply() const {
  return service_.framer->prefix_size() + (service_.framer->has_line_end() ? 1 : 0);
}

void Session::commit_reply(std::uint64_t size) {
  const Framer& framer = *service_.framer;
  char* start = back_.reserve(0);
  if (framer.prefix_size() != 0) framer.write_prefix(start, size);
  std::size_t total = framer.prefix_size() + static_cast<std::size_t>(size);
  if (framer.has_line_end()) start[total++] = '\n';
  if (!has_output()) began_output_ = true;
  back_.commit(total);
  ++counters_.messages_sent;
}

void Session::call_handler(std::string_view message) {
  ++counters_.messages_received;
  if (observer_ != nullptr) [[unlikely]]
    observer_->on_message(message.size());
  if (queue_ != nullptr) return call_async(message);
  Call call{};
  begin(call, message);
  open_reply(call);
  const int32_t outcome = invoke(call);
  // The handler can only take it for a limit, so what it says about it must not reach the client.
  if (call.no_memory) throw std::bad_alloc();
  finish_call(call, outcome);
  if (observer_ != nullptr) [[unlikely]]
    observer_->on_answered();
  if (state_ == State::open &&
      counters_.messages_received >= service_.limits.messages_per_connection)
    close(CloseReason::message_limit);
}

void Session::begin(Call& call, std::string_view message) {
  call.size = sizeof(asyncd_call);
  call.host = service_.host;
  call.message = message.data();
  call.message_size = message.size();
  call.worker = worker_;
  call.connection = connection_;
  call.session = this;
  call.connection_info = &info_;
}

// A handler must not throw, and the SDK sees to it; one that does all the same has failed.
int32_t Session::invoke(Call& call) {
  int32_t outcome = ASYNCD_HANDLER_FAILED;
  try {
    outcome = service_.hooks->message(service_.self, &call);
  } catch (...) {
    // It stays without one.
  }
  if (mark_ != nullptr) mark_->on_next_hook();
  return outcome;
}

void Session::finish_call(Call& call, int32_t outcome) {
  const std::span<char> written = window();
  const bool kept_contract =
      call.window == written.data() && call.reply_size <= written.size() &&
      (outcome == ASYNCD_REPLY || outcome == ASYNCD_NO_REPLY || outcome == ASYNCD_ERROR);
  if (!kept_contract) return fail_handler();
  if (outcome == ASYNCD_REPLY && call.reply_size <= reply_limit()) {
    commit_reply(call.reply_size);
  } else if (outcome != ASYNCD_NO_REPLY) {
    const bool explained = outcome == ASYNCD_ERROR && call.reply_size != 0;
    const std::uint64_t most = std::max<std::uint64_t>(reply_limit(), least_window);
    const auto size = static_cast<std::size_t>(std::min(call.reply_size, most));
    if (explained)
      send_error(std::string(written.data(), size));
    else if (call.reply_refused || outcome == ASYNCD_REPLY)
      send_error("reply too long (limit " + std::to_string(reply_limit()) + " bytes)");
    else
      send_error("refused by the handler");
  }
  if ((call.flags & ASYNCD_CLOSE) != 0) close(CloseReason::handler_closed);
}

// It has broken its contract, so nothing that it keeps for this connection can be relied on.
void Session::fail_handler() {
  send_error("handler failed");
  close(CloseReason::handler_failed);
}

// After a part of its reply: whatever follows would be taken for the rest of it.
void Session::break_off() {
  cut_off_ = true;
  finish(CloseReason::handler_failed);
}

// Rare, so it may allocate. A line's framing must survive whatever text a handler gives.
void Session::send_error(std::string_view what) {
  std::string text = std::string(error_mark).append(what);
  if (service_.framer->has_line_end()) std::replace(text.begin(), text.end(), '\n', ' ');
  text.resize(static_cast<std::size_t>(
      std::min<std::uint64_t>(text.size(), service_.framer->longest_reply())));
  Call reply{};
  reply.window_size = text.size();
  open_reply(reply);
  text.copy(reply.window, text.size());
  commit_reply(text.size());
  ++counters_.errors_sent;
}

int32_t session_reply_reserve(asyncd_call* c_call, uint64_t bytes) noexcept {
  if (c_call == nullptr) return -1;
  Call& call = *static_cast<Call*>(c_call);
  Session& session = *call.session;
  if (session.service_.asynchronous() && static_cast<AsyncCall&>(call).deferred)
    return Session::reserve_own(static_cast<AsyncCall&>(call), bytes);
  const std::size_t window_size = session.window().size();
  if (bytes <= window_size) return 0;
  if (bytes > session.reply_limit() || call.reply_size > window_size) {
    call.reply_refused = true;
    return -1;
  }
  // What the handler has written lies behind the buffer's end: committed for the moment, so that
  // growing keeps it.
  const std::size_t written =
      session.service_.framer->prefix_size() + static_cast<std::size_t>(call.reply_size);
  try {
    session.back_.commit(written);
    session.back_.reserve(static_cast<std::size_t>(bytes - call.reply_size) + 1);
  } catch (const std::bad_alloc&) {
    call.no_memory = true;
  }
  session.back_.uncommit(written);
  if (call.no_memory) return -1;
  call.window_size = bytes;
  session.open_reply(call);
  return 0;
}

}  // namespace asyncd
