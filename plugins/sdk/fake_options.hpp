// fake_options.hpp: a part of fake_host.hpp: the values of a handler's options.
//
// Role: the checks that asyncd makes of [handler.NAME]. Thread: that of the fake host. Ownership:
// keeps the texts given; the handler's description must outlive it. Errors: in words, for the
// refusal.
#ifndef ASYNCD_FAKE_OPTIONS_HPP
#define ASYNCD_FAKE_OPTIONS_HPP

#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "asyncd.h"

namespace asyncd {

class fake_options {
 public:
  using texts = std::map<std::string, std::string, std::less<>>;

  fake_options(const asyncd_handler& handler, texts given)
      : handler_(handler), given_(std::move(given)) {}

  // What is wrong with those that were given, or nothing.
  std::string mistake() const {
    for (const auto& [key, text] : given_) {
      const asyncd_option* option = find(key);
      if (option == nullptr) return "the handler has no option " + key;
      if (option->type != ASYNCD_OPTION_TEXT && !to_integer(option->type, text))
        return "bad value for option " + key + ": " + text;
    }
    return {};
  }

  const asyncd_option* find(std::string_view key) const {
    const auto* at = reinterpret_cast<const char*>(handler_.options);
    for (std::uint32_t i = 0; i < handler_.option_count; ++i) {
      const auto* option = reinterpret_cast<const asyncd_option*>(at);
      if (option->key == key) return option;
      at += option->size;
    }
    return nullptr;
  }

  // The text of a declared option that is, or is not, a text.
  std::optional<std::string_view> look_up(std::string_view key, bool is_text) const {
    const asyncd_option* option = find(key);
    if (option == nullptr || (option->type == ASYNCD_OPTION_TEXT) != is_text) return std::nullopt;
    const auto given = given_.find(key);
    if (given != given_.end()) return given->second;
    return option->fallback == nullptr ? std::string_view() : std::string_view(option->fallback);
  }

  static std::optional<std::int64_t> to_integer(std::uint32_t type, std::string_view text) {
    using Unit = std::pair<std::string_view, std::int64_t>;
    static const std::vector<Unit> durations = {{"ns", 1},          {"us", 1000},
                                                {"ms", 1000000},    {"s", 1000000000},
                                                {"m", 60000000000}, {"h", 3600000000000}};
    static const std::vector<Unit> sizes = {
        {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    static const std::vector<Unit> plain = {{"", 1}};
    if (type == ASYNCD_OPTION_BOOLEAN) {
      if (text == "true") return 1;
      return text == "false" ? std::optional<std::int64_t>(0) : std::nullopt;
    }
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc()) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const std::vector<Unit>& bytes = type == ASYNCD_OPTION_SIZE ? sizes : plain;
    for (const Unit& known : type == ASYNCD_OPTION_DURATION ? durations : bytes)
      if (unit == known.first) return number * known.second;
    return std::nullopt;
  }

 private:
  const asyncd_handler& handler_;
  const texts given_;
};

}  // namespace asyncd

#endif  // ASYNCD_FAKE_OPTIONS_HPP
