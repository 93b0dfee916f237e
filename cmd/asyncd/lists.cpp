// asyncd backends, handlers and version: what there is.
#include <fmt/core.h>
#include <spdlog/version.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "cmd/asyncd/commands.h"
#include "cmd/cli/json.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/library_trial.h"
#include "cmd/process/build_info.h"
#include "core/plugin/loader.h"
#include "core/system/cores.h"
#include "core/system/standard_streams.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

Json settings_json(std::span<const Setting> settings) {
  Json rows = Json::array();
  for (const Setting& setting : settings)
    rows.push_back({{"key", setting.key}, {"default", setting.fallback}, {"doc", setting.doc}});
  return rows;
}

Json backend_json(const BackendEntry& entry) {
  const auto why = entry.unavailable();
  return {{"name", entry.name},
          {"summary", entry.summary},
          {"available", !why},
          {"reason", or_null(why)},
          {"options", settings_json(entry.settings())}};
}

// What is to be known of a handler before it is replaced in a running asyncd; or empty.
std::string note_on(const HandlerDescription& handler) {
  const std::vector<std::string>& unique = handler.library->unique_symbols();
  if (unique.empty()) return "";
  const std::string more = unique.size() > 1 ? fmt::format(" and {} more", unique.size() - 1) : "";
  return fmt::format(
      "note: two versions of it in one process would share '{}'{}; build it with -fno-gnu-unique",
      unique.front(), more);
}

Json handler_json(const HandlerDescription& handler) {
  const std::string note = note_on(handler);
  return {{"name", handler.name},
          {"summary", handler.summary},
          {"version", handler.version},
          {"library", handler.path},
          {"sha256", handler.library->digest()},
          {"note", or_null(note)},
          {"options", settings_json(handler.options)},
          {"error", nullptr}};
}

// A library that cannot be used is a row, too.
Json unusable_json(const Loader::Found& found, const std::string& name) {
  return {{"name", name},
          {"summary", nullptr},
          {"version", nullptr},
          {"library", found.path},
          {"sha256", nullptr},
          {"note", nullptr},
          {"options", Json::array()},
          {"error", found.plugin.error().message}};
}

void print_options(std::span<const Setting> settings) {
  for (const Setting& setting : settings)
    print(fmt::format("{:24}{} = {}  ({})\n", "", setting.key,
                      setting.fallback.empty() ? "\"\"" : text::shown(setting.fallback),
                      text::shown(setting.doc, 1024)));
}

std::vector<std::string> usable_backends() {
  std::vector<std::string> names;
  for (const BackendEntry& entry : backends())
    if (!entry.unavailable()) names.emplace_back(entry.name);
  return names;
}

}  // namespace

int backends_command(const Options& options) {
  if (options.json) {
    Json rows = Json::array();
    for (const BackendEntry& entry : backends()) rows.push_back(backend_json(entry));
    print(json_rows(rows));
    return 0;
  }
  for (const BackendEntry& entry : backends()) {
    const auto why = entry.unavailable();
    print(
        fmt::format("{:24}{}{}\n", entry.name, entry.summary, why ? "; unavailable: " + *why : ""));
    print_options(entry.settings());
  }
  return 0;
}

int handlers_command(const Options& options) {
  Sources sources = options.sources;
  sources.needs_handler = false;
  const Result<Loaded> loaded = load_and_warn(sources);
  if (!loaded) return complain(loaded.error());
  const Loader loader(loaded->config, sources.environment, {}, library_trial(loaded->config));
  Json rows = Json::array();
  for (const Loader::Found& found : loader.list()) {
    if (!found.plugin) {
      const std::string name = path_text(path_of(found.path).stem());
      if (options.json)
        rows.push_back(unusable_json(found, name));
      else
        print(fmt::format("{:24}{}\n", text::shown(name),
                          text::shown_lines(found.plugin.error().message)));
      continue;
    }
    for (const std::string& warning : found.plugin->warnings) warn(warning);
    for (const HandlerDescription& handler : found.plugin->handlers) {
      if (options.json) {
        rows.push_back(handler_json(handler));
        continue;
      }
      print(fmt::format("{:24}{}\n{:24}{}\n", handler.name, text::shown(handler.summary, 1024), "",
                        text::shown(handler.path, 4096)));
      if (const std::string note = note_on(handler); !note.empty())
        print(fmt::format("{:24}{}\n", "", note));
      print_options(handler.options);
    }
  }
  if (options.json) print(json_rows(rows));
  return 0;
}

int version_command(const Options& options) {
  if (!options.version_full && !options.json) {
    print(fmt::format("asyncd {}\n", build_info::version));
    return 0;
  }
  const std::string asio = asio_version();
  const std::string spdlog =
      fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH);
  const std::string abi = fmt::format("{}.{}", ASYNCD_ABI_MAJOR, ASYNCD_ABI_MINOR);
  const CoreShare share = core_share();
  const std::vector<std::string> usable = usable_backends();
  const std::vector<std::string_view> names(usable.begin(), usable.end());
  if (options.json) {
    print(
        json_text({{"version", build_info::version},
                   {"commit", build_info::commit},
                   {"compiler", build_info::compiler},
                   {"build_type", build_info::build_type},
                   {"checks_handlers", checks_handlers()},
                   {"os", build_info::system},
                   {"abi", abi},
                   {"cores", share.cores},
                   {"quota", or_null(share.quota)},
                   {"usable_cores", share.usable()},
                   {"backends", usable},
                   {"libraries",
                    {{"asio", asio}, {"spdlog", spdlog}, {"fmt", std::to_string(FMT_VERSION)}}}}));
    return 0;
  }
  print(
      fmt::format("asyncd {}\ncommit     {}\ncompiler   {}\nbuild      {}{}\nsystem     {}\nabi    "
                  "    {}\nbackends   {}\n",
                  build_info::version, build_info::commit, build_info::compiler,
                  build_info::build_type, checks_handlers() ? ", checks handlers" : "",
                  build_info::system, abi, text::join(names, ", ")));
  print(fmt::format("threads    {} by default: {}\n", share.usable(), share.text()));
  print(fmt::format("libraries  asio {}, spdlog {}, fmt {}.{}.{}\n", asio, spdlog,
                    FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100));
  return 0;
}

}  // namespace asyncd
