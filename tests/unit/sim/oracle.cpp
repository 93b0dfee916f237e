#include "oracle.h"

#include <algorithm>
#include <utility>

#include "handler.h"
#include "plan.h"

namespace sim {

namespace {

using asyncd::ByteOrder;
using asyncd::CloseReason;
using asyncd::FramingKind;

class Oracle {
 public:
  Oracle(const Serving& serving, const Seen& seen)
      : framing_(serving.framing),
        limits_(serving.limits),
        mark_(serving.mark),
        manner_(serving.manner),
        seen_(seen) {}

  Expected answer(std::string_view input) {
    const std::vector<asyncd::test::Move>& reads = seen_.reads;
    std::size_t position = 0;
    for (std::size_t count = 0;
         position < input.size() && result_.reason == CloseReason::client_closed; ++count) {
      const std::string_view rest = input.substr(position);
      if (framing_.kind == FramingKind::raw && count == reads.size()) break;
      if (framing_.kind == FramingKind::raw)
        position += take(rest.substr(0, reads[count].total - position), 0);
      else if (framing_.kind == FramingKind::line)
        position += take_line(rest);
      else
        position += framing_.kind == FramingKind::fixed ? take_fixed(rest) : take_counted(rest);
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
    const bool is_little = framing_.prefix_order == ByteOrder::little;
    if (rest.size() < before) return cut_off(rest, before);
    std::size_t size = 0;
    for (std::size_t i = 0; i < before; ++i)
      size = size * 256 + static_cast<unsigned char>(rest[is_little ? before - 1 - i : i]);
    if (size > limits_.max_message || rest.size() - before >= size)
      return take(rest.substr(before, size), before, size);
    return cut_off(rest, before + size);
  }

  std::size_t cut_off(std::string_view rest, std::size_t expected) {
    return end("incomplete message (" + std::to_string(rest.size()) + " of " +
                   std::to_string(expected) + " bytes)",
               CloseReason::message_incomplete);
  }

  std::size_t take(std::string_view message, std::size_t around) {
    return take(message, around, message.size());
  }

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
    const Plan plan = plan_of(message, mark_, manner_);
    const Answer& answer = plan.answer;
    const bool lacked_memory = seen_.lacked_memory.contains(message);
    const bool unsure = manner_.may_time_out() || lacked_memory;
    const Expected before = unsure ? result_ : Expected();
    const auto stuck = std::find_if(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
      return step.does == Step::Does::stick;
    });
    std::size_t flushed = 0;
    for (auto step = plan.steps.begin(); step != stuck; ++step) flushed += step->part;
    // Where the size is told first, a flush keeps what it has.
    if (framing_.kind == FramingKind::length) flushed = 0;
    if (flushed != 0 && (answer.outcome == ASYNCD_ERROR || stuck != plan.steps.end()))
      break_off(answer.text.substr(0, flushed));
    else if (stuck != plan.steps.end())
      error("timed out");
    else
      put(answer);
    if (manner_.may_time_out()) perhaps("timed out", before);
    if (lacked_memory) perhaps("no memory", before);
  }

  void break_off(const std::string& part) {
    result_.output += part;
    result_.reason = CloseReason::handler_failed;
    result_.breaks_off = true;
  }

  // That is what the client was told instead.
  void perhaps(const std::string& what, const Expected& before) {
    const Expected usual = std::exchange(result_, before);
    error(what);
    const std::size_t size = std::min(seen_.written.size(), result_.output.size());
    const bool told = size > before.output.size() &&
                      seen_.written.substr(0, size) == result_.output.substr(0, size) &&
                      seen_.written.substr(0, size) != usual.output.substr(0, size);
    if (!told) result_ = usual;
  }

  void put(const Answer& answer) {
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
  const Manner& manner_;
  const Seen& seen_;
  Expected result_;
};

}  // namespace

Expected expect(const Serving& serving, std::string_view input, const Seen& seen) {
  return serving.refuses ? Oracle(serving, seen).refusal() : Oracle(serving, seen).answer(input);
}

std::size_t Expected::messages_in(std::size_t bytes) const {
  const auto last = input_after.end() - (last_needs_end ? 1 : 0);
  return static_cast<std::size_t>(std::upper_bound(input_after.begin(), last, bytes) -
                                  input_after.begin()) -
         1;
}

}  // namespace sim
