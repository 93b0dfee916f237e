#include "core/plugin/system_loader.h"

#include <dlfcn.h>

#include <algorithm>

namespace asyncd {

namespace {

void replace_all(std::string& words, const std::string& name, const std::string& path) {
  for (std::size_t at = words.find(name); at != std::string::npos;
       at = words.find(name, at + path.size()))
    words.replace(at, name.size(), path);
}

// Linux begins with what could not be loaded: the library itself, or one that it asks for. macOS
// begins with "dlopen(PATH, 0x0006): " for both, and knows the folder for temporary files by its
// other name, too.
#if defined(__APPLE__)
void take_beginning(std::string& words, const std::string& name, const std::string& path) {
  replace_all(words, "/private" + name, path);
  replace_all(words, name, path);
  if (const std::size_t end = words.find("): ");
      words.starts_with("dlopen(") && end != std::string::npos)
    words.erase(0, end + 3);
}
bool is_of_another(std::string_view words, std::string_view) {
  return words.find("Library not loaded") != std::string_view::npos;
}
#else
void take_beginning(std::string& words, const std::string& name, const std::string& path) {
  replace_all(words, name, path);
}
bool is_of_another(std::string_view words, std::string_view path) {
  return !words.starts_with(path);
}
#endif

// The loader's words with the name that the user knows.
std::string last_error(const std::string& name, const std::string& path) {
  const char* text = ::dlerror();
  std::string words = text != nullptr ? text : "";
  take_beginning(words, name, path);
  return words;
}

}  // namespace

Result<void*> load_code(const std::string& name, const std::string& path) {
  if (void* code = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL); code != nullptr) return code;
  const std::string words = last_error(name, path);
  std::string_view why = words;
  if (is_of_another(why, path))
    return Error{ExitCode::handler_rejected, "it needs a library that cannot be loaded: " + words +
                                                 "; install that, or build the handler without it"};
  if (why.starts_with(path))
    why.remove_prefix(std::min(why.find_first_not_of(": ", path.size()), why.size()));
  return Error{ExitCode::handler_rejected,
               "the system's loader refuses it: " + std::string(why) +
                   "; build it with all that it needs, as a shared library"};
}

const void* find_symbol(void* code, const char* name) { return ::dlsym(code, name); }

std::string_view library_suffix() {
#if defined(__APPLE__)
  return ".dylib";
#else
  return ".so";
#endif
}

}  // namespace asyncd
