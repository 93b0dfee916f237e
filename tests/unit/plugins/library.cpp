#include "library.h"

#include <stdexcept>

#include "core/plugin/library.h"
#include "core/plugin/system_loader.h"

namespace {

const asyncd_plugin& load(const std::string& stem) {
  const asyncd::Result<asyncd::LibraryFile> file =
      asyncd::read_library(stem + std::string(asyncd::library_suffix()), asyncd::Trust::any);
  if (!file) throw std::runtime_error(file.error().message);
  const auto library = asyncd::Library::open(*file);
  if (!library) throw std::runtime_error(library.error().message);
  const void* exported = (*library)->symbol("asyncd_plugin_v1");
  if (exported == nullptr) throw std::runtime_error(stem + " exports no plugin");
  return *static_cast<const asyncd_plugin*>(exported);
}

}  // namespace

const asyncd_plugin& load_shipped_plugin(const std::string& name) {
  return load(SHIPPED_HANDLERS "/" + name);
}

const asyncd_plugin& load_example_plugin(const std::string& name) {
  return load(EXAMPLE_HANDLERS "/" + name);
}
