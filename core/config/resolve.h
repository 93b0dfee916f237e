// Given values against settings tables: every key known, every value of its type and within its
// bounds. Start-up only; the results point into the tables and the given values.
#pragma once

#include <string>
#include <vector>

#include "core/config/given.h"
#include "core/config/load.h"
#include "core/config/problems.h"

namespace asyncd {

struct Resolved {
  const Setting* setting;
  Value value;
  const Given* given;  // null: the default
};

// One for each row of the table, in its order. `title` is how messages call the section:
// "[limits]". All values are looked at, also those that a stronger one replaces.
std::vector<Resolved> resolve(SettingTable table, const GivenValues& given, std::string_view title,
                              Problems& problems);

const Resolved& row(const std::vector<Resolved>& resolved, std::string_view key);
EffectiveValue effective(std::string_view section, const Resolved& resolved);

// "an integer", "a table": how a value was written, for messages.
std::string_view form_name(Form form);

}  // namespace asyncd
