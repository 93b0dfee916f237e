// asyncd new handler NAME: a folder with all that a handler's author begins with, and the commands
// to go on with.
#include <fmt/core.h>

#include <filesystem>

#include "cmd/asyncd/commands.h"
#include "cmd/asyncd/scaffold.h"
#include "cmd/cli/report.h"
#include "core/plugin/system_loader.h"
#include "core/system/executable.h"
#include "core/system/standard_streams.h"
#include "core/text/path_text.h"

namespace asyncd {

namespace {

namespace fs = std::filesystem;

// A word of a command, for the shells of all systems.
std::string quoted(const std::string& word) {
  return word.find(' ') == std::string::npos ? word : "\"" + word + "\"";
}

// How the commands call this asyncd, and how CMake finds what belongs to it.
struct Installation {
  std::string program = "asyncd";
  std::string hint;
  bool complete = true;  // with the authors' part
};

Installation find_installation() {
  Installation result;
  const fs::path program = executable_path();
  const fs::path folder = program.parent_path();
  const fs::path prefix = folder.parent_path();
  std::error_code ignored;
  result.complete = fs::exists(
      (folder / ASYNCD_INSTALLED_PACKAGE / "asyncdConfig.cmake").lexically_normal(), ignored);
  const bool found_anyway = prefix == "/usr" || prefix == "/usr/local";
  if (found_anyway || program.empty()) return result;
  result.program = quoted(path_text(program));
  if (result.complete) result.hint = " " + quoted("-Dasyncd_ROOT=" + path_text(prefix));
  return result;
}

}  // namespace

int new_handler_command(const Options& options) {
  const std::string& name = options.new_name;
  if (const Result<void> right = check_handler_name(name); !right) return complain(right.error());
  const Language language = options.new_in_c ? Language::c : Language::cpp;
  const NewHandler handler{name, language, options.new_async, library_suffix()};
  const Result<void> written = write_scaffold(path_of(name), make_scaffold(handler));
  if (!written) return complain(written.error());
  const Installation installation = find_installation();
  if (!installation.complete)
    warn(
        "what handlers are built with is not installed beside this asyncd; it is in the package "
        "asyncd-dev");
  print(fmt::format(
      "The folder {0} has {1} handler in {2}, and its test. Build it, test it, serve it:\n\n", name,
      options.new_async ? "an asynchronous" : "a", language == Language::c ? "C" : "C++"));
  print(fmt::format("  cmake -S {0} -B {0}/build{1} && cmake --build {0}/build\n", name,
                    installation.hint));
  print(fmt::format("  ctest --test-dir {0}/build --output-on-failure\n", name));
  print(fmt::format("  {1} --handler={0}/build/{0}{2}\n", name, installation.program,
                    library_suffix()));
  return 0;
}

}  // namespace asyncd
