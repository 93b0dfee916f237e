// Scaffold: what `asyncd new handler` writes: the files of a new handler, made of the templates.
// Once, by the main thread.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace asyncd {

// A file of cmd/asyncd/templates/, which is compiled into the program. Its handler is called
// "sample-name".
struct Template {
  std::string_view path;  // the part that it belongs to, a slash, its name
  std::string_view text;
};
std::span<const Template> templates();

enum class Language : std::uint8_t { c, cpp };

struct ScaffoldFile {
  std::string name;
  std::string text;
};

// 2: no name for a handler, or one that CMake or a system keeps for itself.
Result<void> check_handler_name(std::string_view name);

struct NewHandler {
  std::string name;
  Language language = Language::cpp;
  bool asynchronous = false;
  std::string_view library_suffix;
};
std::vector<ScaffoldFile> make_scaffold(const NewHandler& handler);

// All of the files in a new folder, or no folder. 73: it is there already, or cannot be written.
Result<void> write_scaffold(const std::filesystem::path& folder,
                            std::span<const ScaffoldFile> files);

}  // namespace asyncd
