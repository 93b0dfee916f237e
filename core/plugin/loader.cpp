#include "core/plugin/loader.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "core/config/problems.h"
#include "core/files/start_folder.h"
#include "core/plugin/library.h"
#include "core/plugin/system_loader.h"
#include "core/system/executable.h"
#include "core/system/system_paths.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/path_text.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

bool is_path(const std::string& handler) { return path_of(handler).has_parent_path(); }

const HandlerConfig& options_of(const Config& config, const std::string& handler) {
  static const HandlerConfig none;
  const auto found = config.handlers.find(handler_section(handler));
  return found == config.handlers.end() ? none : found->second;
}

// Which of a library's handlers a name means: the one of that name, or the only one.
Result<HandlerDescription> choose(const Plugin& plugin, const std::string& name) {
  if (const HandlerDescription* named = plugin.find(name); named != nullptr) return *named;
  if (plugin.handlers.size() == 1) return plugin.handlers.front();
  std::vector<std::string_view> names;
  for (const HandlerDescription& handler : plugin.handlers) names.push_back(handler.name);
  return Error{ExitCode::not_found, plugin.path + " has no handler '" + name +
                                        "', but: " + text::join(names, ", ") +
                                        "; name one of them, with its library in [handler.NAME]"};
}

Result<void> check_digest(const LibraryFile& file, const HandlerConfig& options) {
  if (options.sha256.empty() || options.sha256 == file.digest) return {};
  return Error{ExitCode::handler_rejected,
               describe(options.sha256_origin,
                        "cannot load the handler " + text::shown(file.path, 4096) +
                            ": it has not the SHA-256 that is wanted\nwanted: " + options.sha256 +
                            "\nfound:  " + file.digest)};
}

Result<Plugin> read_and_load(const std::string& path, Trust trust, const Trial& trial) {
  const Result<LibraryFile> file = read_library(path, trust);
  if (!file) return file.error();
  return load_plugin(*file, trial);
}

}  // namespace

Loader::Loader(const Config& config, const Environment& environment, Warn warn, Trial trial)
    : trust_(config.trust), warn_(std::move(warn)), trial_(std::move(trial)) {
  for (const std::string& folder : config.handler_path)
    folders_.push_back(absolute_path(path_of(folder)));
  if (const fs::path data = user_data_folder(environment); !data.empty())
    folders_.push_back(absolute_path(data / "asyncd" / "handlers"));
  const fs::path program = executable_path();
  if (program.empty()) return;
  const fs::path folder = program.parent_path();
  // The installation's own library folder may be one of several, as on Debian:
  // lib/x86_64-linux-gnu.
  std::vector<fs::path> places{folder / ASYNCD_INSTALLED_HANDLERS,
                               folder / "../lib/asyncd/handlers"};
  if (owns_its_folder(program)) places.push_back(folder);
  for (const fs::path& place : places)
    if (fs::path plain = place.lexically_normal();
        std::find(folders_.begin(), folders_.end(), plain) == folders_.end())
      folders_.push_back(std::move(plain));
}

Result<std::string> Loader::find(const std::string& handler, const HandlerConfig& options) const {
  // Made absolute, because the system's loader looks for a bare file name in places of its own.
  if (!options.library.empty()) return path_text(absolute_path(path_of(options.library)));
  if (is_path(handler)) return path_text(absolute_path(path_of(handler)).lexically_normal());
  std::error_code ignored;
  for (const fs::path& folder : folders_) {
    const fs::path candidate = folder / path_of(handler + std::string(library_suffix()));
    if (fs::exists(candidate, ignored)) return path_text(candidate);
  }
  return not_found(handler);
}

Error Loader::not_found(const std::string& handler) const {
  std::vector<std::string> names;
  for (const Found& found : list())
    if (found.plugin)
      for (const HandlerDescription& each : found.plugin->handlers) names.push_back(each.name);
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::string message = "no handler '" + handler + "'" + text::suggestion(handler, views) +
                        "\nlooked for " + handler + std::string(library_suffix()) + " in:";
  for (const fs::path& folder : folders_) message += "\n  " + text::shown(path_text(folder), 4096);
  for (const std::string& here : {handler, handler + std::string(library_suffix())})
    if (std::error_code ignored; fs::is_regular_file(absolute_path(path_of(here)), ignored))
      message +=
          "\nThe current folder is never searched; to load that file write --handler=./" + here;
  return {ExitCode::not_found, message};
}

Result<HandlerDescription> Loader::look_up(const std::string& handler, const Config& config,
                                           const Place& placed) const {
  const HandlerConfig& options = options_of(config, handler);
  const Result<std::string> path = find(handler, options);
  if (!path) return placed(path.error());
  const Result<LibraryFile> file = read_library(*path, trust_);
  if (!file) return placed(file.error());
  if (const Result<void> meant = check_digest(*file, options); !meant) return meant.error();
  const Result<Plugin> plugin = load_plugin(*file, trial_);
  if (!plugin) return placed(plugin.error());
  if (warn_)
    for (const std::string& warning : plugin->warnings) warn_(warning);
  Result<HandlerDescription> chosen = choose(*plugin, handler_section(handler));
  if (!chosen) return placed(chosen.error());
  return chosen;
}

Result<std::shared_ptr<Handler>> Loader::load(const std::string& handler, const Config& config,
                                              const Origin& origin, const Handlers& present) const {
  const auto placed = [&](const Error& error) {
    return Error{error.code, describe(origin, error.message)};
  };
  const Result<HandlerDescription> description = look_up(handler, config, placed);
  if (!description) return description.error();
  Result<std::vector<Value>> values =
      resolve_options(description->options, options_of(config, handler).options,
                      "handler '" + description->name + "'");
  if (!values) return values.error();
  for (const auto& [word, one] : present)
    if (one->is(*description, *values)) return one;
  Result<std::unique_ptr<Handler>> created = Handler::create(*description, std::move(*values));
  if (!created) return placed(created.error());
  return std::shared_ptr<Handler>(std::move(*created));
}

Result<void> Loader::check(const std::string& section, const Config& config) const {
  const HandlerConfig& given = options_of(config, section);
  const Origin origin = given.options.empty() ? Origin{} : given.options.front().origin;
  const Result<HandlerDescription> description = look_up(section, config, [&](const Error& error) {
    const bool denied = error.code == ExitCode::permission;
    return Error{denied ? ExitCode::permission : ExitCode::config_invalid,
                 describe(origin, "[handler." + section + "]: " + error.message)};
  });
  if (!description) return description.error();
  const Result<std::vector<Value>> values =
      resolve_options(description->options, given.options, "handler '" + description->name + "'");
  if (!values) return values.error();
  return {};
}

std::vector<Loader::Found> Loader::list() const {
  std::vector<Found> result;
  std::set<fs::path> seen;
  for (const fs::path& folder : folders_) {
    std::error_code ignored;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == library_suffix()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files)
      if (seen.insert(file.filename()).second)
        result.push_back({path_text(file), read_and_load(path_text(file), trust_, trial_)});
  }
  return result;
}

}  // namespace asyncd
