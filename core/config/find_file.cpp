#include "core/config/find_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "core/base/path_text.h"
#include "core/base/text.h"

namespace asyncd {
namespace {

namespace fs = std::filesystem;

// One byte more than may be read is enough to see that a file is too large.
constexpr std::size_t most_read = (1 << 20) + 16;

std::string quoted(const std::string& name) { return "'" + text::printable(name) + "'"; }

Result<ConfigFile> read_file(const fs::path& path, const std::string& named_by) {
  const std::string name = path_text(path);
  const std::string by = named_by.empty() ? "" : " (named by " + named_by + ")";
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found)
    return Error{ExitCode::not_found,
                 "no configuration file " + quoted(name) + by + "; 'asyncd config --default' prints one to start from"};
  if (status.type() == fs::file_type::directory)
    return Error{ExitCode::not_found, quoted(name) + by + " is a folder, not a configuration file"};

  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const std::errc reason = failure ? static_cast<std::errc>(failure.value()) : static_cast<std::errc>(errno);
  if (!file) {
    const bool denied = reason == std::errc::permission_denied || reason == std::errc::operation_not_permitted;
    return Error{
        denied ? ExitCode::permission : ExitCode::not_found,
        "cannot read the configuration file " + quoted(name) + by + ": " + std::make_error_code(reason).message()};
  }
  std::string text(most_read, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{ExitCode::failure, "reading the configuration file " + quoted(name) + by + " failed"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return ConfigFile{name, std::move(text)};
}

Result<std::optional<ConfigFile>> optional_file(Result<ConfigFile> file) {
  if (!file) return file.error();
  return std::optional(std::move(*file));
}

}  // namespace

Result<std::optional<ConfigFile>> find_config_file(const Sources& sources) {
  if (sources.config_file) return optional_file(read_file(path_of(*sources.config_file), "--config"));
  if (!sources.find_config) return std::optional<ConfigFile>();
  const Environment environment =
      sources.environment ? sources.environment : [](std::string_view) { return std::optional<std::string>(); };
  if (const std::string named = environment("ASYNCD_CONFIG").value_or(""); !named.empty())
    return optional_file(read_file(path_of(named), "environment ASYNCD_CONFIG"));

  std::vector<fs::path> candidates{"asyncd.toml"};
  for (fs::path& path : installed_config_files(environment)) candidates.push_back(std::move(path));
  for (const fs::path& path : candidates) {
    std::error_code failure;
    const fs::file_type type = fs::status(path, failure).type();
    // One that exists and cannot be read is an error: to go on to the next would serve something else than was meant.
    // One behind a folder that may not be entered cannot be told from none.
    const bool absent =
        type == fs::file_type::not_found || type == fs::file_type::none || type == fs::file_type::directory;
    if (!absent) return optional_file(read_file(path, ""));
  }
  return std::optional<ConfigFile>();
}

}  // namespace asyncd
