// The tables of everything that does not depend on the build.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/load.h"
#include "core/config/table.h"

namespace asyncd {

const Table<CoreConfig>& core_table();
const Table<HandlerSettings>& handler_table();

// What [[listener]] may have: its own keys, the backends of the schema, the limits, and `memory`,
// which is refused there.
Table<ListenerSettings> listener_table(const Schema& schema);

// The core's table by sections, in its order.
struct Section {
  std::string_view name;
  SettingTable settings;
};
std::span<const Section> core_sections();

// All that can be set in sections, but handlers' own: of the core, a listener and the backends.
std::vector<Setting> all_settings(const Schema& schema);

extern const std::string_view handler_path_doc;

}  // namespace asyncd
