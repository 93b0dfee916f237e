#include "core/system/cores.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <thread>

namespace asyncd {

unsigned CoreShare::usable() const {
  if (!quota || *quota >= cores) return cores;
  return std::max(1U, static_cast<unsigned>(std::ceil(*quota)));
}

std::string CoreShare::quota_text() const { return quota ? fmt::format("{:g}", *quota) : ""; }

std::string CoreShare::text() const {
  return "cores=" + std::to_string(cores) + (quota ? " quota=" + quota_text() : "");
}

CoreShare core_share() {
  const auto own = static_cast<unsigned>(own_cores().size());
  return {own != 0 ? own : std::max(1U, std::thread::hardware_concurrency()), own_core_quota()};
}

}  // namespace asyncd
