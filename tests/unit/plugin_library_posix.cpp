#include <dlfcn.h>

#include <stdexcept>

#include "plugin_library.h"

namespace {

const asyncd_plugin& load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const void* exported = dlsym(library, "asyncd_plugin_v1");
  if (exported == nullptr) throw std::runtime_error(dlerror());
  return *static_cast<const asyncd_plugin*>(exported);
}

}  // namespace

const asyncd_plugin& load_shipped_plugin(const std::string& name) { return load(SHIPPED_HANDLERS "/" + name + ".so"); }

const asyncd_plugin& load_example_plugin(const std::string& name) { return load(EXAMPLE_HANDLERS "/" + name + ".so"); }
