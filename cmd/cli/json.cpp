#include "cmd/cli/json.h"

namespace asyncd {

namespace {

std::string ascii(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

std::string json_text(const Json& json) { return ascii(json) + "\n"; }

std::string json_rows(const Json& array) {
  std::string text;
  for (const Json& row : array) text += (text.empty() ? "" : ",\n ") + ascii(row);
  return "[" + text + "]\n";
}

}  // namespace asyncd
