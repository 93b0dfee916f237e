#include "core/session/output.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/session/call.h"

namespace asyncd {

namespace {

constexpr std::string_view error_mark = "error: ";

}  // namespace

bool Output::take_begun() { return std::exchange(begun_, false); }

bool Output::resume() {
  if (paused_) paused_ = !is_low();
  return !paused_;
}

std::uint64_t Output::reply_limit() const {
  return std::min({service_.limits.max_reply, service_.framer->longest_reply(),
                   std::uint64_t{Buffer::most_bytes}});
}

std::size_t Output::around_reply() const {
  return service_.framer->prefix_size() + (service_.framer->has_line_end() ? 1 : 0);
}

void Output::open_window(asyncd_call& call) {
  const std::size_t wanted =
      std::max<std::size_t>(least_window, static_cast<std::size_t>(call.window_size));
  back().reserve(wanted + around_reply());
  const std::span<char> opened = window();
  call.window = opened.data();
  call.window_size = opened.size();
}

std::span<char> Output::window() {
  return {back().reserve(0) + service_.framer->prefix_size(), back().room() - around_reply()};
}

// What the handler has written lies behind the buffer's end. It is committed for the moment, so
// that growing keeps it.
void Output::enlarge_window(asyncd_call& call, std::uint64_t bytes) {
  const std::size_t written =
      service_.framer->prefix_size() + static_cast<std::size_t>(call.reply_size);
  back().commit(written);
  try {
    back().reserve(static_cast<std::size_t>(bytes - call.reply_size) + 1);
  } catch (...) {
    back().uncommit(written);
    throw;
  }
  back().uncommit(written);
  call.window_size = bytes;
  open_window(call);
}

void Output::commit_reply(std::uint64_t size) {
  const Framer& framer = *service_.framer;
  char* const start = back().reserve(0);
  if (framer.prefix_size() != 0) framer.write_prefix(start, size);
  std::size_t total = framer.prefix_size() + static_cast<std::size_t>(size);
  if (framer.has_line_end()) start[total++] = '\n';
  note_begin();
  back().commit(total);
  ++counters_.messages_sent;
}

// Rare, so it may allocate. A line's framing must survive whatever text a handler gives.
void Output::write_error(std::string_view what) {
  std::string text = std::string(error_mark).append(what);
  if (service_.framer->has_line_end()) std::replace(text.begin(), text.end(), '\n', ' ');
  text.resize(static_cast<std::size_t>(
      std::min<std::uint64_t>(text.size(), service_.framer->longest_reply())));
  asyncd_call reply{};
  reply.window_size = text.size();
  open_window(reply);
  text.copy(reply.window, text.size());
  commit_reply(text.size());
  ++counters_.errors_sent;
}

void Output::commit_part(std::size_t size) {
  if (size != 0) note_begin();
  back().commit(size);
}

void Output::append_part(std::string_view part) {
  if (!part.empty()) note_begin();
  back().append(part);
}

}  // namespace asyncd
