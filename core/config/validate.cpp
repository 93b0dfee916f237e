#include "core/config/validate.h"

#include <algorithm>
#include <bit>

#include "core/net/address.h"
#include "core/text/escape.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

constexpr std::size_t longest_name = 64;

const Origin& origin_of(const Resolved& value, const Origin& otherwise) {
  return value.given != nullptr ? value.given->origin : otherwise;
}

std::string named(const ListenerDraft& listener) {
  return "listener '" + text::printable(listener.config.name, longest_name) + "'";
}

void check_name(const ListenerDraft& listener, Problems& problems) {
  const std::string& name = listener.config.name;
  const auto allowed = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
  };
  if (text::find_control(name) != std::string_view::npos) return;  // said already
  if (!name.empty() && name.size() <= longest_name &&
      std::all_of(name.begin(), name.end(), allowed))
    return;
  problems.add(origin_of(row(listener.resolved, "name"), listener.origin),
               "name: a listener's name has 1 to " + std::to_string(longest_name) +
                   " letters, digits, '-' or '_', unlike '" + text::printable(name, longest_name) +
                   "'");
}

}  // namespace

void check_framing(const ListenerDraft& listener, Problems& problems) {
  const Framing& framing = listener.config.framing;
  const std::string name(name_of(framing.kind));
  const Resolved& chosen = row(listener.resolved, "framing");
  for (const Resolved& option : listener.resolved) {
    if (option.given == nullptr || belongs_to_framing(*option.setting, framing.kind)) continue;
    // A file's options for its framing are no mistake where a flag has chosen another one.
    if (chosen.given != nullptr && chosen.given->rank > option.given->rank) continue;
    problems.add(option.given->key_origin, option.setting->key + " is of framing \"" +
                                               option.setting->framing + "\", but " +
                                               named(listener) + " has framing \"" + name + "\"");
  }

  if (framing.kind == FramingKind::fixed && row(listener.resolved, "message_size").given == nullptr)
    problems.add(
        origin_of(chosen, listener.origin),
        "framing \"fixed\" needs the size of a message: add for example message_size = 16");
  if (!std::has_single_bit(framing.prefix_size))
    problems.add(
        origin_of(row(listener.resolved, "prefix_size"), listener.origin),
        "prefix_size: a prefix has 1, 2, 4 or 8 bytes, not " + std::to_string(framing.prefix_size));
}

void check_address(const std::string& address, const Origin& origin, Problems& problems) {
  if (const Result<Address> parsed = parse_address(address); !parsed)
    problems.add(origin, parsed.error().message);
}

void check_water_marks(const Limits& limits, const std::vector<Resolved>& resolved,
                       const Origin& otherwise, Problems& problems) {
  if (limits.output_low_water < limits.output_high_water) return;
  const Resolved& low = row(resolved, "output_low_water");
  const Resolved& high = row(resolved, "output_high_water");
  const Origin& origin = low.given != nullptr ? low.given->origin : origin_of(high, otherwise);
  problems.add(origin, "output_low_water (" + text::format_size(limits.output_low_water) +
                           ") must be less than output_high_water (" +
                           text::format_size(limits.output_high_water) + ")");
}

void check_listener(const ListenerDraft& listener, Problems& problems) {
  check_name(listener, problems);
  check_address(listener.config.address,
                origin_of(row(listener.resolved, "address"), listener.origin), problems);
  const Framing& framing = listener.config.framing;
  const Resolved& size = row(listener.resolved, "message_size");
  if (framing.kind == FramingKind::fixed &&
      framing.message_size > listener.config.limits.max_message)
    problems.add(origin_of(size, listener.origin),
                 "message_size (" + text::format_size(framing.message_size) +
                     ") must not be more than max_message (" +
                     text::format_size(listener.config.limits.max_message) + ")");
}

void check_listeners_together(const std::vector<ListenerDraft>& listeners, Problems& problems) {
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const ListenerConfig& later = listeners[i].config;
    for (std::size_t j = 0; j < i; ++j) {
      const ListenerConfig& earlier = listeners[j].config;
      if (later.name == earlier.name)
        problems.add(origin_of(row(listeners[i].resolved, "name"), listeners[i].origin),
                     "another listener has the name '" + text::printable(later.name, longest_name) +
                         "' already");
      if (later.address == earlier.address && !later.address.empty() &&
          !port_is_chosen_by_system(later.address))
        problems.add(origin_of(row(listeners[i].resolved, "address"), listeners[i].origin),
                     named(listeners[i]) + " has the address of " + named(listeners[j]) + ": " +
                         text::printable(later.address));
    }
  }
}

}  // namespace asyncd
