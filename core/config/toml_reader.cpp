#include "core/config/toml_reader.h"

// toml++ 3.3.0 asserts, or tells the optimiser to assume, what a file like "[{a]" disproves; the code behind the
// assertion reports such a file well. So both are made to do nothing: without NDEBUG it takes this definition for both.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <array>

#include "core/base/text.h"
#include "core/config/load.h"
#include "core/config/value.h"

namespace asyncd {
namespace {

constexpr std::array<std::string_view, 8> top_level_names{"log",      "limits",  "shutdown", "security",
                                                          "listener", "backend", "handler",  "handler_path"};

Position position(const toml::source_position& place) {
  return {static_cast<unsigned>(place.line), static_cast<unsigned>(place.column)};
}

Form form_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return Form::toml_table;
    case toml::node_type::array:
      return Form::toml_array;
    case toml::node_type::integer:
      return Form::toml_integer;
    case toml::node_type::floating_point:
      return Form::toml_real;
    case toml::node_type::boolean:
      return Form::toml_boolean;
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return Form::toml_date;
    case toml::node_type::string:
    case toml::node_type::none:
      break;
  }
  return Form::toml_text;
}

class Reader {
 public:
  Reader(const SourceText& source, GivenConfig& given, Problems& problems)
      : source_(source), given_(given), problems_(problems) {}

  void read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      const std::string_view name = key.str();
      if (name == "handler_path")
        given_.handler_path.push_back(value(key, node));
      else if (name == "listener")
        read_listeners(key, node);
      else if (name == "backend")
        read_named(key, node, given_.backends);
      else if (name == "handler")
        read_named(key, node, given_.handlers);
      else if (name == "log" || name == "limits" || name == "shutdown" || name == "security")
        read_core(key, node);
      else
        refuse_unknown(key, node);
    }
  }

 private:
  Origin place(const toml::source_region& region) const {
    return source_.at(position(region.begin), position(region.end));
  }

  Given value(const toml::key& key, const toml::node& node) const {
    Given given;
    given.key = key.str();
    given.form = form_of(node.type());
    given.key_origin = place(key.source());
    given.origin = place(node.source());
    if (const auto* text = node.as_string()) {
      given.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
      given.text = std::to_string(integer->get());
    } else if (const auto* array = node.as_array()) {
      read_items(*array, given);
    } else {
      given.text = source_.slice(position(node.source().begin), position(node.source().end));
    }
    return given;
  }

  static void read_items(const toml::array& array, Given& given) {
    for (const toml::node& item : array)
      if (const auto* text = item.as_string()) given.items.push_back(text->get());
    if (given.items.size() == array.size()) given.form = Form::toml_texts;
  }

  GivenValues values(const toml::table& table) const {
    GivenValues values;
    for (const auto& [key, node] : table) values.push_back(value(key, node));
    return values;
  }

  void read_core(const toml::key& key, const toml::node& node) {
    const std::string name(key.str());
    if (const auto* table = node.as_table())
      given_.core[name] = values(*table);
    else
      problems_.add(place(key.source()), "'" + name + "' is a table: write [" + name + "] and its keys below it");
  }

  void read_listeners(const toml::key& key, const toml::node& node) {
    const auto* array = node.as_array();
    const bool only_tables = array != nullptr && (array->empty() || array->is_array_of_tables());
    if (!only_tables) {
      problems_.add(place(key.source()), "a listener is written [[listener]], with two brackets on each side");
      return;
    }
    for (const toml::node& listener : *array)
      given_.listeners.push_back({"", place(listener.source()), values(*listener.as_table())});
  }

  // [backend.NAME] and [handler.NAME]
  void read_named(const toml::key& key, const toml::node& node,
                  std::map<std::string, GivenSection, std::less<>>& into) {
    const std::string kind(key.str());
    const auto* table = node.as_table();
    if (table == nullptr) {
      problems_.add(place(key.source()), "'" + kind + "' holds tables: write [" + kind + ".NAME]");
      return;
    }
    for (const auto& [name, section] : *table) {
      if (const auto* keys = section.as_table())
        into[std::string(name.str())] = {std::string(name.str()), place(name.source()), values(*keys)};
      else
        problems_.add(place(name.source()),
                      "'" + text::printable(name.str(), 64) + "' must stand below a header [" + kind + ".NAME]");
    }
  }

  void refuse_unknown(const toml::key& key, const toml::node& node) {
    const bool is_table = node.is_table() || node.is_array_of_tables();
    const std::string name = "'" + text::printable(key.str(), 64) + "'";
    std::string what = (is_table ? "unknown table " : "unknown key ") + name;
    const std::string meant = text::suggestion(key.str(), top_level_names);
    if (meant.empty() && !is_table) what += " outside of any table" + home_of(key.str());
    problems_.add(place(key.source()), what + meant);
  }

  // A key that has lost its table: "; it belongs in [limits]".
  static std::string home_of(std::string_view key) {
    for (const Section& section : core_sections()) {
      if (find_setting(section.settings, key) == nullptr) continue;
      const std::string name(section.name);
      return "; it belongs in " + (name == "listener" ? "[[listener]]" : "[" + name + "]");
    }
    return "";
  }

  const SourceText& source_;
  GivenConfig& given_;
  Problems& problems_;
};

}  // namespace

Result<void> read_toml(const SourceText& source, GivenConfig& given, Problems& problems) {
  const toml::parse_result parsed = toml::parse(source.text());
  if (!parsed)
    return explain_syntax_error(source, position(parsed.error().source().begin), parsed.error().description());
  Reader(source, given, problems).read(parsed.table());
  return {};
}

}  // namespace asyncd
