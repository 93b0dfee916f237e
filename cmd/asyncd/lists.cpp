// asyncd backends, handlers and version: what there is.
#include <fmt/core.h>
#include <spdlog/version.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "cmd/asyncd/commands.h"
#include "cmd/cli/report.h"
#include "cmd/handler_check/library_trial.h"
#include "cmd/process/build_info.h"
#include "core/plugin/loader.h"
#include "core/system/cores.h"
#include "core/system/standard_streams.h"
#include "core/text/path_text.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

using text::json_quote;

std::string json_list(const std::vector<std::string>& items) {
  std::string result = "[";
  for (const std::string& item : items) result += (result.size() > 1 ? ",\n " : "") + item;
  return result + "]";
}

std::string settings_json(std::span<const Setting> settings) {
  std::vector<std::string> rows;
  for (const Setting& setting : settings)
    rows.push_back(fmt::format(R"({{"key":{},"default":{},"doc":{}}})", json_quote(setting.key),
                               json_quote(setting.fallback), json_quote(setting.doc)));
  return json_list(rows);
}

std::string backend_json(const BackendEntry& entry) {
  const auto why = entry.unavailable();
  return fmt::format(R"({{"name":{},"summary":{},"available":{},"reason":{},"options":{}}})",
                     json_quote(entry.name), json_quote(entry.summary), why ? "false" : "true",
                     why ? json_quote(*why) : "null", settings_json(entry.settings()));
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

std::string handler_json(const HandlerDescription& handler) {
  const std::string note = note_on(handler);
  return fmt::format(
      R"({{"name":{},"summary":{},"version":{},"library":{},"sha256":{},"note":{},"options":{},)"
      R"("error":null}})",
      json_quote(handler.name), json_quote(handler.summary), json_quote(handler.version),
      json_quote(handler.path), json_quote(handler.library->digest()),
      note.empty() ? "null" : json_quote(note), settings_json(handler.options));
}

// A library that cannot be used is a row, too.
std::string unusable_json(const Loader::Found& found, const std::string& name) {
  return fmt::format(
      R"({{"name":{},"summary":null,"version":null,"library":{},"sha256":null,"note":null,"options":[],)"
      R"("error":{}}})",
      json_quote(name), json_quote(found.path), json_quote(found.plugin.error().message));
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
    std::vector<std::string> rows;
    for (const BackendEntry& entry : backends()) rows.push_back(backend_json(entry));
    print(fmt::format("{}\n", json_list(rows)));
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
  std::vector<std::string> rows;
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
  if (options.json) print(fmt::format("{}\n", json_list(rows)));
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
    std::vector<std::string> quoted;
    for (const std::string& name : usable) quoted.push_back(json_quote(name));
    print(fmt::format(
        R"({{"version":{},"commit":{},"compiler":{},"build_type":{},"checks_handlers":{},"os":{},"abi":{},)"
        R"("cores":{},"quota":{},"usable_cores":{},"backends":{},"libraries":{{"asio":{},"spdlog":{},"fmt":"{}"}}}})"
        "\n",
        json_quote(build_info::version), json_quote(build_info::commit),
        json_quote(build_info::compiler), json_quote(build_info::build_type), checks_handlers(),
        json_quote(build_info::system), json_quote(abi), share.cores,
        share.quota ? share.quota_text() : "null", share.usable(), json_list(quoted),
        json_quote(asio), json_quote(spdlog), FMT_VERSION));
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
