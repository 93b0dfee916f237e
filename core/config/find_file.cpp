#include "core/config/find_file.h"

#include <system_error>

#include "core/base/open_file.h"
#include "core/base/path_text.h"
#include "core/base/text.h"
#include "core/base/trust.h"

namespace asyncd {
namespace {

namespace fs = std::filesystem;

// One byte more than may be read is enough to see that a file is too large.
constexpr std::size_t most_read = (1 << 20) + 16;

std::string quoted(const std::string& name) { return "'" + text::shown(name) + "'"; }

Result<ConfigFile> read_file(const fs::path& path, const std::string& named_by, Trust trust) {
  const std::string name = path_text(path);
  const std::string file_name = quoted(name) + (named_by.empty() ? "" : " (named by " + named_by + ")");
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (status.type() == fs::file_type::not_found)
    return Error{ExitCode::not_found,
                 "no configuration file " + file_name + "; 'asyncd config --default' prints one to start from"};
  if (status.type() == fs::file_type::directory)
    return Error{ExitCode::not_found, file_name + " is a folder, not a configuration file"};

  const Result<OpenFile> file = OpenFile::open(path);
  if (!file) {
    const bool denied = file.error().code == ExitCode::permission;
    return Error{denied ? ExitCode::permission : ExitCode::not_found,
                 "cannot read the configuration file " + file_name + ": " + file.error().message};
  }
  const Result<std::string> doubt = check_trust(*file, path, trust);
  if (!doubt) return Error{doubt.error().code, "the configuration file " + file_name + " is " + doubt.error().message};
  Result<std::string> text = file->read(most_read);
  if (!text) return Error{ExitCode::failure, "reading the configuration file " + file_name + " failed"};
  return ConfigFile{name, std::move(*text), doubt->empty() ? "" : "configuration file " + file_name + ": " + *doubt};
}

// What the flags and the environment say, because a file cannot vouch for itself.
Trust trust_of(const Sources& sources, const Environment& environment) {
  constexpr std::string_view key = "security.trust=";
  std::string word = environment("ASYNCD_SECURITY_TRUST").value_or("");
  for (const std::string& assignment : sources.assignments)
    if (assignment.starts_with(key)) word = assignment.substr(key.size());
  return word == "any" ? Trust::any : Trust::owner;
}

Result<std::optional<ConfigFile>> optional_file(Result<ConfigFile> file) {
  if (!file) return file.error();
  return std::optional(std::move(*file));
}

}  // namespace

Result<std::optional<ConfigFile>> find_config_file(const Sources& sources) {
  const Environment environment =
      sources.environment ? sources.environment : [](std::string_view) { return std::optional<std::string>(); };
  const Trust trust = trust_of(sources, environment);
  if (sources.config_file) return optional_file(read_file(path_of(*sources.config_file), "--config", trust));
  if (!sources.find_config) return std::optional<ConfigFile>();
  if (const std::string named = environment("ASYNCD_CONFIG").value_or(""); !named.empty())
    return optional_file(read_file(path_of(named), "environment ASYNCD_CONFIG", trust));

  std::vector<fs::path> candidates{"asyncd.toml"};
  for (fs::path& path : installed_config_files(environment)) candidates.push_back(std::move(path));
  for (const fs::path& path : candidates) {
    std::error_code failure;
    const fs::file_type type = fs::status(path, failure).type();
    // One that exists and cannot be read is an error: to go on to the next would serve something else than was meant.
    // One behind a folder that may not be entered cannot be told from none.
    const bool absent =
        type == fs::file_type::not_found || type == fs::file_type::none || type == fs::file_type::directory;
    if (!absent) return optional_file(read_file(path, "", trust));
  }
  return std::optional<ConfigFile>();
}

}  // namespace asyncd
