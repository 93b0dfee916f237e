// JSON as asyncd's commands write it. Pure functions, any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace asyncd {

using Json = nlohmann::ordered_json;  // keys stay in the order in which they were set

// On one line, with its end. All of it is ASCII, so that nothing in it acts on a terminal; bytes
// that are not UTF-8 become U+FFFD.
std::string json_text(const Json& json);
std::string json_rows(const Json& array);  // the same with a line for each of its elements

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

inline Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace asyncd
