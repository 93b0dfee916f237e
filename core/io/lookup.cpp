#include "core/io/lookup.h"

#include <new>
#include <utility>

namespace asyncd {

bool Lookup::begin(OffloadPool& pool, std::shared_ptr<Lookup> lookup) noexcept {
  try {
    const Lookup* const owner = lookup.get();
    return pool.run(owner, [lookup = std::move(lookup)] { lookup->run(); });
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Lookup::run() noexcept {
  try {
    Result<std::vector<Endpoint>> found = resolve(address_);
    if (found) endpoints = std::move(*found);
  } catch (const std::bad_alloc&) {
    endpoints.clear();
  }
  on_end();
}

}  // namespace asyncd
