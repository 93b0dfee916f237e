// Configuration files, by the very code of a start and with the real backends' settings: a mistake
// has its place and is told without acting on a terminal; what is accepted is printed so that it
// reads back to the same. Input: the file.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/registry.h"
#include "core/config/load.h"
#include "core/config/print.h"
#include "core/text/escape.h"
#include "fuzz.h"
#include "scratch_file.h"
#include "shown.h"

namespace {

using asyncd::Config;
using asyncd::Loaded;
using asyncd::Result;
using fuzz::require;
using fuzz::require_same;

const asyncd::Schema& schema() {
  static const std::vector<asyncd::BackendSchema> rows = [] {
    std::vector<asyncd::BackendSchema> result;
    for (const asyncd::BackendEntry& entry : asyncd::backends())
      result.push_back({entry.name, entry.settings()});
    return result;
  }();
  static const asyncd::Schema made{rows, asyncd::default_backend};
  return made;
}

Result<Loaded> load(const fuzz::ScratchFile& file, std::string_view text, bool needs_handler) {
  file.write(text);
  asyncd::Sources sources;
  sources.config_file = file.name();
  sources.needs_handler = needs_handler;
  // Whose the folder of temporary files is does not matter.
  sources.environment = [](std::string_view variable) {
    return variable == "ASYNCD_SECURITY_TRUST" ? std::optional<std::string>("any") : std::nullopt;
  };
  return asyncd::load_config(sources, schema());
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

// "12:3: " at the front; nothing but ": " is of the file as a whole.
void check_place(std::string_view place, std::string_view text) {
  if (place.starts_with(": ")) return;
  unsigned line = 0, column = 0;
  const char* end = place.data() + place.size();
  const auto after_line = std::from_chars(std::min(place.data() + 1, end), end, line);
  const auto after_column = std::from_chars(std::min(after_line.ptr + 1, end), end, column);
  require(place.starts_with(':') && after_line.ec == std::errc() && after_column.ec == std::errc(),
          "it has a place");
  require(std::string_view(after_column.ptr, static_cast<std::size_t>(end - after_column.ptr))
              .starts_with(": "),
          "its place ends");
  const auto lines = split(text, "\n");
  require(line >= 1 && line <= lines.size(), "its line is one of the file's");
  std::size_t characters = 0;
  for (std::string_view rest = lines[line - 1]; !rest.empty(); ++characters)
    rest.remove_prefix(std::max<std::size_t>(fuzz::first_character(rest).length, 1));
  require(column >= 1 && column <= characters + 1, "its column is one of the line's");
}

void check_mistakes(const asyncd::Error& error, std::string_view text, const std::string& name) {
  require(error.code == asyncd::ExitCode::config_invalid, "it is the file that is wrong");
  require(fuzz::is_shown(error.message, "\n\t"), "what is said of it acts on nothing");
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  for (const std::string_view mistake : split(error.message, "\n\n")) {
    require(mistake.starts_with(name), "each mistake names the file");
    check_place(mistake.substr(name.size()), text);
  }
}

// All that a server is made of, but not where it was said.
bool same(const asyncd::ListenerConfig& left, const asyncd::ListenerConfig& right) {
  return left.name == right.name && left.address == right.address &&
         left.backend == right.backend && left.handler == right.handler &&
         left.framing == right.framing && left.limits == right.limits;
}

bool same(const asyncd::HandlerConfig& left, const asyncd::HandlerConfig& right) {
  const auto written = [](const asyncd::HandlerConfig& handler) {
    std::vector<std::string> options;
    for (const asyncd::RawOption& option : handler.options)
      options.push_back(option.key + "=" + option.text);
    std::sort(options.begin(), options.end());
    return options;
  };
  return left.library == right.library && left.sha256 == right.sha256 &&
         written(left) == written(right);
}

// A section without any key says nothing, and is not printed.
bool is_empty(const asyncd::HandlerConfig& handler) {
  return handler.library.empty() && handler.sha256.empty() && handler.options.empty();
}

bool same_handlers(const Config& left, const Config& right) {
  for (const auto& [name, handler] : left.handlers) {
    const auto other = right.handlers.find(name);
    if (other == right.handlers.end() ? !is_empty(handler) : !same(handler, other->second))
      return false;
  }
  return true;
}

bool same(const Config& left, const Config& right) {
  const auto& listeners = left.listeners;
  return left.log.level == right.log.level && left.log.format == right.log.format &&
         left.log.file == right.log.file && left.shutdown_timeout == right.shutdown_timeout &&
         left.trust == right.trust && left.handler_path == right.handler_path &&
         left.backends == right.backends &&
         std::equal(listeners.begin(), listeners.end(), right.listeners.begin(),
                    right.listeners.end(),
                    [](const auto& one, const auto& other) { return same(one, other); }) &&
         same_handlers(left, right) && same_handlers(right, left);
}

void check_reading_back(const fuzz::ScratchFile& file, const Loaded& loaded) {
  const std::string printed = asyncd::to_toml(loaded, false);
  require(fuzz::is_shown(printed, "\n"), "what is printed acts on nothing");
  require(fuzz::is_shown(asyncd::to_json(loaded), "\n"), "what is printed as JSON acts on nothing");
  for (const std::string& text : {printed, asyncd::to_toml(loaded, true)}) {
    const Result<Loaded> again = load(file, text, false);
    if (!again) require_same(again.error().message, "", "what is printed is accepted");
    require_same(asyncd::to_toml(*again, false), printed, "what is printed reads back to the same");
    require(same(again->config, loaded.config), "and means the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFile file;
  const std::string text(fuzz::Input(data, size).rest());
  const std::string name = asyncd::text::shown(file.name());
  // A command that serves nothing accepts what a start accepts, and more.
  const Result<Loaded> loaded = load(file, text, false);
  if (!loaded) {
    check_mistakes(loaded.error(), text, name);
    return 0;
  }
  const Result<Loaded> served = load(file, text, true);
  if (!served) check_mistakes(served.error(), text, name);
  check_reading_back(file, *loaded);
  return 0;
}
