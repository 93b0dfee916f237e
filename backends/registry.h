// The table of all backends: the only place that names them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config/config.h"
#include "core/server/backend.h"

namespace asyncd {

struct BackendEntry {
  std::string_view name;
  std::string_view summary;
  // why it cannot be used here and what would help, or nothing
  std::optional<std::string> (*unavailable)();
  std::span<const Setting> (*settings)();
  // Where it can be used; `options` holds every key of the settings.
  std::unique_ptr<Backend> (*make)(const BackendOptions& options);
  bool concurrent;  // serves several connections at a time
};

std::span<const BackendEntry> backends();
const BackendEntry* find_backend(std::string_view name);

std::string asio_version();

inline constexpr std::string_view default_backend = "proactor";

}  // namespace asyncd
