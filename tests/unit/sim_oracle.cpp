#include "sim_oracle.h"

#include <algorithm>

#include "sim_handler.h"

namespace sim {

namespace {

using asyncd::CloseReason;
using asyncd::FramingKind;

class Oracle {
 public:
  explicit Oracle(const Serving& serving) : framing_(serving.framing), limits_(serving.limits), mark_(serving.mark) {}

  Expected answer(std::string_view input, const std::vector<asyncd::test::Move>& reads) {
    std::size_t position = 0;
    for (std::size_t count = 0; position < input.size() && result_.reason == CloseReason::client_closed; ++count) {
      const std::string_view rest = input.substr(position);
      if (framing_.kind == FramingKind::raw && count == reads.size()) break;
      if (framing_.kind == FramingKind::raw)
        position += take(rest.substr(0, reads[count].total - position), 0);
      else
        position += framing_.kind == FramingKind::line    ? take_line(rest)
                    : framing_.kind == FramingKind::fixed ? take_fixed(rest)
                                                          : take_counted(rest);
    }
    result_.counters.bytes_sent = result_.output.size();
    return result_;
  }

  Expected refusal() {
    end("handler failed", CloseReason::handler_failed);
    return result_;
  }

 private:
  // Each returns how many bytes of the input are used up.
  std::size_t take_line(std::string_view rest) {
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) {
      const std::size_t used = take(rest, 0);
      result_.last_needs_end = used != 0;
      return used;
    }
    const bool has_cr = end > 0 && rest[end - 1] == '\r';
    return take(rest.substr(0, end - (has_cr ? 1 : 0)), has_cr ? 2 : 1);
  }

  std::size_t take_fixed(std::string_view rest) {
    const auto size = static_cast<std::size_t>(framing_.message_size);
    return rest.size() < size ? cut_off(rest, size) : take(rest.substr(0, size), 0);
  }

  std::size_t take_counted(std::string_view rest) {
    const std::size_t before = framing_.prefix_size;
    if (rest.size() < before) return cut_off(rest, before);
    std::size_t size = 0;
    for (std::size_t i = 0; i < before; ++i)
      size = size * 256 + static_cast<unsigned char>(rest[framing_.little_endian ? before - 1 - i : i]);
    if (size > limits_.max_message || rest.size() - before >= size)
      return take(rest.substr(before, size), before, size);
    return cut_off(rest, before + size);
  }

  std::size_t cut_off(std::string_view rest, std::size_t expected) {
    return end("incomplete message (" + std::to_string(rest.size()) + " of " + std::to_string(expected) + " bytes)",
               CloseReason::message_incomplete);
  }

  std::size_t take(std::string_view message, std::size_t around) { return take(message, around, message.size()); }

  std::size_t take(std::string_view message, std::size_t around, std::size_t claimed) {
    if (claimed > limits_.max_message)
      return end("message too long (limit " + std::to_string(limits_.max_message) + " bytes)",
                 CloseReason::message_too_long);
    ++result_.counters.messages_received;
    reply_to(message);
    if (result_.counters.messages_received == limits_.messages_per_connection &&
        result_.reason == CloseReason::client_closed)
      result_.reason = CloseReason::message_limit;
    result_.input_after.push_back(result_.input_after.back() + message.size() + around);
    result_.output_after.push_back(result_.output.size());
    return message.size() + around;
  }

  void reply_to(std::string_view message) {
    const Answer answer = answer_to(message, mark_);
    const std::size_t limit = std::min<std::size_t>(limits_.max_reply, longest());
    if (answer.outcome == ASYNCD_ERROR)
      error(answer.text.empty() ? "refused by the handler" : answer.text);
    else if (answer.outcome == ASYNCD_REPLY && answer.text.size() > limit)
      error("reply too long (limit " + std::to_string(limit) + " bytes)");
    else if (answer.outcome == ASYNCD_REPLY)
      put(answer.text);
    if (answer.closes) result_.reason = CloseReason::handler_closed;
  }

  std::size_t end(const std::string& what, CloseReason reason) {
    error(what);
    result_.reason = reason;
    return 0;
  }

  void error(const std::string& what) {
    std::string text = ("error: " + what).substr(0, longest());
    if (framing_.kind == FramingKind::line) std::replace(text.begin(), text.end(), '\n', ' ');
    ++result_.counters.errors_sent;
    put(text);
  }

  void put(const std::string& text) {
    result_.output += prefix_of(framing_, text.size()) + text;
    if (framing_.kind == FramingKind::line) result_.output += '\n';
    ++result_.counters.messages_sent;
  }

  std::size_t longest() const {
    const bool counted = framing_.kind == FramingKind::length && framing_.prefix_size < 8;
    return counted ? (std::size_t{1} << (8 * framing_.prefix_size)) - 1 : SIZE_MAX;
  }

  const asyncd::Framing& framing_;
  const asyncd::Limits& limits_;
  const char mark_;
  Expected result_;
};

}  // namespace

Expected expect(const Serving& serving, std::string_view input, const std::vector<asyncd::test::Move>& reads) {
  return serving.refuses ? Oracle(serving).refusal() : Oracle(serving).answer(input, reads);
}

std::size_t Expected::messages_in(std::size_t bytes) const {
  const auto last = input_after.end() - (last_needs_end ? 1 : 0);
  return static_cast<std::size_t>(std::upper_bound(input_after.begin(), last, bytes) - input_after.begin()) - 1;
}

std::string prefix_of(const asyncd::Framing& framing, std::size_t size) {
  if (framing.kind != FramingKind::length) return "";
  std::string bytes;
  for (std::size_t i = 0; i < framing.prefix_size; ++i) bytes += static_cast<char>(size >> (8 * i));
  if (!framing.little_endian) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

}  // namespace sim
