#include "core/config/find_file.h"

#include <system_error>

#include "core/files/open_file.h"
#include "core/files/start_folder.h"
#include "core/security/trust.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd {
namespace {

namespace fs = std::filesystem;

// One byte more than may be read is enough to see that a file is too large.
constexpr std::size_t most_read = (1 << 20) + 16;

std::string quoted(const std::string& name) { return "'" + text::shown(name) + "'"; }

Error unreadable(const fs::path& path, const std::string& file_name, const Error& why) {
  if (const std::string_view kind = other_kind(path);
      !kind.empty() && why.message == not_a_file(kind).message)
    return {why.code, file_name + " is " + std::string(kind) + ", not a configuration file"};
  const bool denied = why.code == ExitCode::permission;
  return {denied ? ExitCode::permission : ExitCode::not_found,
          "cannot read the configuration file " + file_name + ": " + why.message};
}

Result<ConfigFile> read_file(const fs::path& path, const std::string& named_by, Trust trust) {
  const std::string name = path_text(path);
  const std::string file_name =
      quoted(name) + (named_by.empty() ? "" : " (named by " + named_by + ")");
  if (text::find_control(name) != std::string_view::npos)
    return Error{ExitCode::usage,
                 "a control byte in the name of the configuration file " + file_name};
  const fs::path place = absolute_path(path);
  std::error_code ignored;
  if (fs::status(place, ignored).type() == fs::file_type::not_found)
    return Error{ExitCode::not_found, "no configuration file " + file_name +
                                          "; 'asyncd config --default' prints one to start from"};
  Result<OpenFile> file = OpenFile::open_source(place);
  if (!file) return unreadable(place, file_name, file.error());
  const Result<std::string> doubt = check_trust(*file, path, trust);
  if (!doubt)
    return Error{doubt.error().code,
                 "the configuration file " + file_name + " is " + doubt.error().message};
  Result<std::string> text = file->read(most_read);
  if (!text) return unreadable(place, file_name, text.error());
  if (file->is_regular() && !file->is_unchanged())
    return Error{ExitCode::failure, "the configuration file " + file_name +
                                        " is being written to; try again when that has ended"};
  const std::string warning =
      doubt->empty() ? "" : "configuration file " + file_name + ": " + *doubt;
  const bool is_gone = !file->is_regular() && !text->empty();
  return ConfigFile{name, std::move(*text), warning, is_gone};
}

// What the flags and the environment say, because a file cannot vouch for itself.
Trust trust_of(const Sources& sources, const Environment& environment) {
  constexpr std::string_view key = "security.trust=";
  std::string word = environment("ASYNCD_SECURITY_TRUST").value_or("");
  for (const std::string& assignment : sources.assignments)
    if (assignment.starts_with(key)) word = assignment.substr(key.size());
  return word == "any" ? Trust::any : Trust::owner;
}

// A file that an editor has emptied, and is about to write, would turn every setting into its
// default.
Result<ConfigFile> read_again(const PresentFile& present, Trust trust) {
  const std::string name = "the configuration file " + quoted(present.name);
  if (present.once)
    return Error{ExitCode::config_invalid, name +
                                               " is no file that could be read once more; what it "
                                               "held stays; to have reloads, start asyncd "
                                               "with a file"};
  Result<ConfigFile> file = read_file(path_of(present.name), "", trust);
  if (file && is_blank(file->text) && !present.blank)
    return Error{ExitCode::config_invalid, name +
                                               " has become empty; perhaps it is being written; a "
                                               "comment in it says that it is meant so"};
  return file;
}

Result<std::optional<ConfigFile>> optional_file(Result<ConfigFile> file) {
  if (!file) return file.error();
  return std::optional(std::move(*file));
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Result<std::optional<ConfigFile>> find_config_file(const Sources& sources) {
  const Environment environment = sources.environment ? sources.environment : [](std::string_view) {
    return std::optional<std::string>();
  };
  const Trust trust = trust_of(sources, environment);
  if (sources.present && !sources.present->name.empty())
    return optional_file(read_again(*sources.present, trust));
  if (sources.config_file)
    return optional_file(read_file(path_of(*sources.config_file), "--config", trust));
  if (!sources.find_config) return std::optional<ConfigFile>();
  if (const std::string named = environment("ASYNCD_CONFIG").value_or(""); !named.empty())
    return optional_file(read_file(path_of(named), "environment ASYNCD_CONFIG", trust));

  std::vector<fs::path> candidates{"asyncd.toml"};
  for (fs::path& path : installed_config_files(environment)) candidates.push_back(std::move(path));
  for (const fs::path& path : candidates) {
    std::error_code failure;
    const fs::file_type type = fs::status(absolute_path(path), failure).type();
    // One that exists and cannot be read is an error: to go on to the next would serve something
    // else than was meant. One behind a folder that may not be entered cannot be told from none.
    const bool absent = type == fs::file_type::not_found || type == fs::file_type::none ||
                        type == fs::file_type::directory;
    if (!absent) return optional_file(read_file(path, "", trust));
  }
  return std::optional<ConfigFile>();
}

}  // namespace asyncd
