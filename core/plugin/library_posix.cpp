#include <dlfcn.h>

#include <algorithm>

#include "core/plugin/library.h"
#include "core/plugin/system_loader.h"

namespace asyncd {

namespace {

// The loader's words with the name that the user knows.
std::string last_error(const std::string& name, const std::string& path) {
  const char* text = ::dlerror();
  std::string words = text != nullptr ? text : "";
  for (std::size_t at = words.find(name); at != std::string::npos; at = words.find(name, at + path.size()))
    words.replace(at, name.size(), path);
  return words;
}

}  // namespace

Result<void*> load_code(const std::string& name, const std::string& path) {
  if (void* code = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL); code != nullptr) return code;
  const std::string words = last_error(name, path);
  std::string_view why = words;
  // The system's loader begins with what it could not load: the library itself, or one that it asks for.
  if (!why.starts_with(path))
    return Error{ExitCode::handler_rejected, "it needs a library that cannot be loaded: " + words +
                                                 "; install that, or build the handler without it"};
  why.remove_prefix(std::min(why.find_first_not_of(": ", path.size()), why.size()));
  return Error{ExitCode::handler_rejected, "the system's loader refuses it: " + std::string(why) +
                                               "; build it with all that it needs, as a shared library"};
}

const void* find_symbol(void* code, const char* name) { return ::dlsym(code, name); }

std::string_view Library::suffix() {
#if defined(__APPLE__)
  return ".dylib";
#else
  return ".so";
#endif
}

}  // namespace asyncd
