// The checks that look at more than one value. Start-up only.
#pragma once

#include <string>
#include <vector>

#include "core/config/given.h"
#include "core/config/problems.h"
#include "core/config/resolve.h"

namespace asyncd {

// A listener with where its values came from. The origin of what was not given is that of its
// header.
struct ListenerDraft {
  ListenerConfig config;
  std::vector<Resolved> resolved;
  Origin origin;
};

// Whether a listener with this framing has the setting.
inline bool belongs_to_framing(const Setting& setting, FramingKind kind) {
  return setting.framing.empty() || setting.framing == name_of(kind);
}

// Settings of another framing are refused, unless they are weaker than the choice of framing.
void check_framing(const ListenerDraft& listener, Problems& problems);
void check_listener(const ListenerDraft& listener, Problems& problems);
void check_listeners_together(const std::vector<ListenerDraft>& listeners, Problems& problems);
void check_address(const std::string& address, const Origin& origin, Problems& problems);
void check_water_marks(const Limits& limits, const std::vector<Resolved>& resolved,
                       const Origin& otherwise, Problems& problems);

}  // namespace asyncd
