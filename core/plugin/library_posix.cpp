#include <dlfcn.h>

#include "core/plugin/library.h"

namespace asyncd {

Result<Library> Library::open(const std::string& path) {
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return Library(handle);
  const char* why = ::dlerror();
  return Error{ExitCode::handler_rejected, why != nullptr ? why : "the system's loader refused it"};
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
