#include "cmd/handler_check/examination.h"

#include <fmt/core.h>

#include <array>

#include "cmd/handler_check/checks.h"
#include "cmd/handler_check/counted_memory.h"
#include "cmd/handler_check/violations.h"

namespace asyncd {

namespace {

std::string concurrency_of(const HandlerDescription& handler) {
  constexpr std::array<std::string_view, 4> names{"serial", "reentrant", "per connection",
                                                  "serial"};
  return std::string(names[handler.hooks.concurrency]);
}

}  // namespace

Examination::Examination(FindingsWriter& findings, const Config& config, std::uint64_t seed)
    : findings_(findings), config_(config), seed_(seed) {
  report_fatal_violations_to(findings);
}

ExitCode Examination::examine(const std::string& path) {
  findings_.begin("", "trust");
  const Result<LibraryFile> file = read_library(path, config_.trust);
  if (!file) {
    findings_.failed(file.error().message);
    return file.error().code;
  }
  findings_.passed(file->warning);
  findings_.begin("", "interface");
  Result<Plugin> plugin = load_plugin(*file);
  if (!plugin) {
    findings_.failed(plugin.error().message);
    return plugin.error().code;
  }
  const std::size_t count = plugin->handlers.size();
  findings_.passed(fmt::format("version {}.{} of asyncd.h, {} handler{}", ASYNCD_ABI_MAJOR,
                               plugin->abi_minor, count, count == 1 ? "" : "s"));
  bool well = true;
  for (HandlerDescription& handler : plugin->handlers) well = examine_handler(handler) && well;
  return well ? ExitCode::ok : ExitCode::handler_rejected;
}

bool Examination::examine_handler(HandlerDescription& handler) {
  Subject subject(findings_, config_, handler, seed_);
  const bool asynchronous = subject.asynchronous();
  if (asynchronous) handler.hooks = with_counted_memory(handler.hooks);
  subject.begin("description");
  const std::vector<std::string>& unique = handler.library->unique_symbols();
  const std::string shared =
      unique.empty() ? "" : ", shares '" + unique.front() + "' with a newer version of itself";
  findings_.passed(
      fmt::format("{}{}{}{}", concurrency_of(handler), asynchronous ? ", asynchronous" : "",
                  handler.hooks.frame != nullptr ? ", framing of its own" : "", shared));
  return check_options(subject) && check_life_cycle(subject) && check_messages(subject, false) &&
         (!asynchronous || check_messages(subject, true)) && check_frames(subject);
}

}  // namespace asyncd
