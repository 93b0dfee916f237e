#include <dlfcn.h>

#include <algorithm>

#include "core/plugin/library.h"

namespace asyncd {

Result<Library> Library::open(const std::string& path) {
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return Library(handle);
  const char* words = ::dlerror();
  std::string_view why = words != nullptr ? words : "";
  // The system's loader begins with what it could not load: the library itself, or one that it asks for.
  if (!why.starts_with(path))
    return Error{ExitCode::handler_rejected, "it needs a library that cannot be loaded: " + std::string(why) +
                                                 "; install that, or build the handler without it"};
  why.remove_prefix(std::min(why.find_first_not_of(": ", path.size()), why.size()));
  return Error{ExitCode::handler_rejected, "the system's loader refuses it: " + std::string(why) +
                                               "; build it with all that it needs, as a shared library"};
}

const void* Library::symbol(const char* name) const { return ::dlsym(handle_, name); }

std::string_view Library::suffix() {
#if defined(__APPLE__)
  return ".dylib";
#else
  return ".so";
#endif
}

}  // namespace asyncd
