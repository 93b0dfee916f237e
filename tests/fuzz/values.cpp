// Single values as users write them: what is read is printed so that it reads back to the same, and
// what is refused is explained in words that act on no terminal. Input: the text, and a number at
// its front.
#include <array>
#include <string>
#include <string_view>

#include "core/config/value.h"
#include "core/net/address.h"
#include "core/text/text.h"
#include "fuzz.h"
#include "shown.h"

namespace {

using asyncd::Address;
using asyncd::Duration;
using asyncd::ExitCode;
using asyncd::Result;
using asyncd::Setting;
using asyncd::SettingType;
using asyncd::Value;
using fuzz::require;
using fuzz::require_same;
namespace text = asyncd::text;

void check_refusal(const asyncd::Error& error) {
  require(error.code == ExitCode::usage && !error.message.empty(), "a refusal is explained");
  require(fuzz::is_shown(error.message), "a refusal acts on nothing");
}

void check_address(std::string_view written) {
  const Result<Address> address = asyncd::parse_address(written);
  if (!address) return check_refusal(address.error());
  const std::string printed = address->to_string();
  const Result<Address> again = asyncd::parse_address(printed);
  require(static_cast<bool>(again), "a printed address is one");
  require(again->kind == address->kind && again->port == address->port,
          "an address reads back to the same");
  require_same(again->host, address->host, "an address reads back to the same host");
  require_same(again->path, address->path, "an address reads back to the same path");
  const std::string_view name = address->kind == Address::Kind::tcp ? address->host : address->path;
  for (const char byte : name)
    require(static_cast<unsigned char>(byte) >= ' ', "its name has no control bytes");
}

void check_texts(std::string_view written) {
  if (const auto duration = text::parse_duration(written)) {
    require(duration->count() >= 0, "a duration is not negative");
    require(text::parse_duration(text::format_duration(*duration)) == duration,
            "a duration reads back");
  }
  if (const auto size = text::parse_size(written))
    require(text::parse_size(text::format_size(*size)) == size, "a size reads back");
  if (const auto count = text::parse_count(written))
    require(text::parse_count(std::to_string(*count)) == count, "a count reads back");
  if (const auto integer = text::parse_integer(written))
    require(text::parse_integer(std::to_string(*integer)) == integer, "an integer reads back");
}

void check_number(std::uint64_t number) {
  require(text::parse_size(text::format_size(number)) == number, "a size reads back");
  const Duration duration(static_cast<std::int64_t>(number));
  const std::string printed = text::format_duration(duration);
  if (duration.count() >= 0)
    require(text::parse_duration(printed) == duration, "a duration reads back");
  if (duration.count() < 0) require(printed.starts_with('-'), "a negative duration is shown so");
}

const std::array<Setting, 8> settings{
    {{.key = "text"},
     {.key = "integer", .type = SettingType::integer, .least = INT64_MIN},
     {.key = "boolean", .type = SettingType::boolean},
     {.key = "count", .type = SettingType::count, .least = 1, .may_be_unlimited = true},
     {.key = "size", .type = SettingType::size, .least = 1024, .most = 1 << 30},
     {.key = "handler_size", .type = SettingType::size},
     {.key = "duration",
      .type = SettingType::duration,
      .least = 1'000'000,
      .may_be_unlimited = true},
     {.key = "choice", .type = SettingType::choice, .choices = "line|raw|fixed|length|handler"}}};

void check_setting(const Setting& setting, std::string_view written) {
  const Result<Value> value = asyncd::parse_value(setting, written);
  if (!value) return check_refusal(value.error());
  if (const auto* number = std::get_if<std::int64_t>(&*value);
      number != nullptr && setting.type != SettingType::boolean)
    require(*number >= setting.least && *number <= setting.most, "a number is within its bounds");
  const std::string printed = asyncd::format_value(setting, *value);
  const bool quoted = printed.starts_with('"');
  const auto read = quoted ? fuzz::read_json(printed) : printed;
  require(read.has_value(), "a printed value is JSON");
  // no file that is read holds such a text
  if (setting.type == SettingType::text && !fuzz::is_utf8(written)) return;
  const Result<Value> again = asyncd::parse_value(setting, *read);
  require(again && *again == *value, "a value reads back to the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Exact written(fuzz::Input(data, size).rest());
  check_address(written.view());
  check_texts(written.view());
  for (const Setting& setting : settings) check_setting(setting, written.view());
  check_number(fuzz::Input(data, size).number(8));
  return 0;
}
