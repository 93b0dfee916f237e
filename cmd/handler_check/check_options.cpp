#include <fmt/core.h>

#include <limits>

#include "cmd/handler_check/checks.h"
#include "cmd/handler_check/violations.h"
#include "core/text/escape.h"

namespace asyncd {

namespace {

std::vector<Value> extremes(const Setting& option) {
  using Number = std::numeric_limits<std::int64_t>;
  switch (option.type) {
    case SettingType::text:
    case SettingType::choice:
      return {std::string(), std::string(10'000, 'x'), std::string("\0\n\x1b\xff", 4)};
    case SettingType::boolean:
      return {std::int64_t{0}, std::int64_t{1}};
    case SettingType::integer:
      return {Number::min(), std::int64_t{-1}, std::int64_t{0}, Number::max()};
    case SettingType::count:
    case SettingType::size:
    case SettingType::duration:
      break;
  }
  return {std::int64_t{0}, std::int64_t{1}, Number::max()};
}

std::string shown(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return "\"" + text::printable(std::get<std::string>(value), 32) + "\"";
}

}  // namespace

bool check_options(Subject& subject) {
  subject.begin("options");
  const std::vector<Setting>& options = subject.handler().options;
  if (const Result<void> read = subject.read_values(); !read)
    return subject.finish(read.error().message);
  subject.at("create");
  if (const Result<std::shared_ptr<const Service>> created = subject.make(); !created)
    return subject.finish(created.error().message + "; what it needs is given by -o handler." +
                          subject.handler().name + ".KEY=VALUE");
  std::size_t tried = 0, refused = 0;
  for (std::size_t i = 0; i < options.size(); ++i)
    for (const Value& extreme : extremes(options[i])) {
      const std::string step = "create with " + options[i].key + " = " + shown(extreme);
      subject.at(step);
      std::vector<Value> changed = subject.values();
      changed[i] = extreme;
      const Result<std::shared_ptr<const Service>> created = subject.make(changed);
      if (!created && created.error().message.ends_with("it gave no reason"))
        return subject.finish("it gives no reason when it refuses to be made, in " + step);
      if (const std::string wrong = take_violations(); !wrong.empty())
        return subject.finish(wrong + ", in " + step);
      ++tried;
      refused += created ? 0 : 1;
    }
  const std::size_t declared = options.size();
  return subject.finish(
      "", declared == 0 ? "none"
                        : fmt::format("{} declared, {} extreme values tried, {} of them refused",
                                      declared, tried, refused));
}

}  // namespace asyncd
