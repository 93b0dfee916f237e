#include "backends/event_backend.h"

#include "core/system/cores.h"

namespace asyncd {

std::span<const Setting> event_loop_settings() {
  static const CoreShare share = core_share();
  static const Setting settings[] = {
      {.key = "threads",
       .type = SettingType::count,
       .fallback = std::to_string(share.usable()),
       .doc = "threads, each with an event loop of its own; unless set, one per core that asyncd "
              "may use",
       .reload = Reload::listener,
       .least = 1,
       .most = 1024,
       .varies = share.text()},
  };
  return settings;
}

std::size_t threads_of(const BackendOptions& options) {
  return static_cast<std::size_t>(std::get<std::int64_t>(options.at("threads")));
}

}  // namespace asyncd
