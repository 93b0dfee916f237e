// uppercase-echo: replies with the message, ASCII a-z in upper case, every other byte as it came.
#include "asyncd.hpp"

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
      asyncd::boolean_option("trim", "false", "drop white space before and after the text")};

  explicit UppercaseEcho(const asyncd::options& given) : trim(given.boolean("trim")) {}

  void on_message(std::string_view message, asyncd::reply& reply) const noexcept {
    const std::string_view text = trim ? without_surrounding_space(message) : message;
    char* to = reply.reserve(text.size());
    if (to == nullptr) return;
    copy_in_upper_case(text, to);
    reply.commit(text.size());
  }

  bool trim;
};

}  // namespace

ASYNCD_EXPORT_HANDLERS(UppercaseEcho);
