// What the user gave, from all sources, before any of it is understood.
// Built and used by load_config on one thread; plain values.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/config/config.h"

namespace asyncd {

// The stronger source has the larger value.
enum class Rank { file, environment, assignment, flag };

// How a value was written: TOML has types, all other sources have only text. toml_texts is an array
// of nothing but texts.
enum class Form {
  text,
  toml_text,
  toml_integer,
  toml_real,
  toml_boolean,
  toml_date,
  toml_texts,
  toml_array,
  toml_table
};

struct Given {
  std::string key;
  std::string text;                // as on the command line; an array's is empty
  std::vector<std::string> items;  // of toml_texts
  Form form = Form::text;
  Rank rank = Rank::file;
  Origin origin;
  Origin key_origin;
};

// In ascending strength: the last value of a key is the one that counts.
using GivenValues = std::vector<Given>;

// After all that is not stronger.
inline void insert(GivenValues& values, Given given) {
  const auto stronger =
      std::upper_bound(values.begin(), values.end(), given.rank,
                       [](Rank rank, const Given& other) { return rank < other.rank; });
  values.insert(stronger, std::move(given));
}

struct GivenSection {
  std::string name;
  Origin origin;  // of its header
  GivenValues values;
};

struct GivenConfig {
  GivenValues handler_path;
  // By section: log, limits, offload, shutdown, security.
  std::map<std::string, GivenValues, std::less<>> core;
  std::vector<GivenSection> listeners;
  std::map<std::string, GivenSection, std::less<>> backends;
  std::map<std::string, GivenSection, std::less<>> handlers;
};

// The value of `key` that counts, or null.
inline const Given* strongest(const GivenValues& values, std::string_view key) {
  for (auto value = values.rbegin(); value != values.rend(); ++value)
    if (value->key == key) return &*value;
  return nullptr;
}

}  // namespace asyncd
