// uppercase-echo: replies with the message, ASCII a-z in upper case, every other byte as it came;
// after a delay, where that is wanted.
#include <stdexcept>

#include "asyncd_async.hpp"

namespace {

constexpr std::string_view white_space = " \t\n\v\f\r";

std::string_view without_surrounding_space(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

// Without a branch, so that the compiler handles many bytes at a time.
void copy_in_upper_case(std::string_view from, char* to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto byte = static_cast<unsigned char>(from[i]);
    const bool is_lower = static_cast<unsigned char>(byte - 'a') < 26;
    to[i] = static_cast<char>(byte ^ (is_lower ? 0x20 : 0));
  }
}

struct UppercaseEcho {
  static constexpr const char* summary = "Replies with the text in upper case (ASCII)";
  static constexpr asyncd_option options[] = {
      asyncd::boolean_option("trim", "false", "drop white space before and after the text"),
      asyncd::duration_option("delay", "0s", "how long to wait before each reply")};

  explicit UppercaseEcho(const asyncd::options& given)
      : trim(given.boolean("trim")), delay(given.duration("delay")) {
    if (delay.count() < 0) throw std::invalid_argument("delay must not be negative");
  }

  // Without a delay there is no coroutine, only the reply.
  asyncd::task<> on_message(asyncd::call call) const {
    if (delay.count() != 0) [[unlikely]]
      return reply_later(call);
    reply(call);
    return {};
  }

 private:
  asyncd::task<> reply_later(asyncd::call call) const {
    co_await call.sleep(delay);
    reply(call);
  }

  void reply(asyncd::call call) const noexcept {
    const std::string_view text = trim ? without_surrounding_space(call.message()) : call.message();
    char* to = call.reserve(text.size());
    if (to == nullptr) return;
    copy_in_upper_case(text, to);
    call.commit(text.size());
  }

  bool trim;
  std::chrono::nanoseconds delay;
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(UppercaseEcho);
