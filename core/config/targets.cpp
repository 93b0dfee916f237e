#include "core/config/targets.h"

#include "core/config/core_settings.h"
#include "core/config/find_file.h"
#include "core/config/value.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

// "thread-pool" and "threads" give THREAD_POOL and THREADS.
std::string as_variable(std::string_view name) {
  std::string variable;
  for (const char letter : name) {
    const bool lower = letter >= 'a' && letter <= 'z';
    const char other = letter == '-' || letter == '.' ? '_' : letter;
    variable += lower ? static_cast<char>(letter - 'a' + 'A') : other;
  }
  return variable;
}

Given from_text(std::string key, std::string text, Rank rank, std::string where) {
  Given given{.key = std::move(key), .text = std::move(text), .rank = rank};
  given.origin.where = std::move(where);
  given.key_origin = given.origin;
  return given;
}

void put(const Target& target, const Given& value, GivenConfig& given) {
  if (target.section == "handler_path") {
    insert(given.handler_path, value);
  } else if (target.section == "backend" || target.section == "handler") {
    auto& sections = target.section == "backend" ? given.backends : given.handlers;
    GivenSection& section = sections[target.name];
    section.name = target.name;
    insert(section.values, value);
  } else if (target.section == "listener") {
    for (GivenSection& listener : given.listeners)
      if (target.name.empty() || target.name == listener.name) insert(listener.values, value);
  } else {
    insert(given.core[target.section], value);
  }
}

// What is said of one listener is stronger than what is said of all, in whatever order they come.
void put_all(std::vector<std::pair<Target, Given>> values, GivenConfig& given) {
  std::stable_partition(values.begin(), values.end(),
                        [](const auto& value) { return value.first.name.empty(); });
  for (const auto& [target, value] : values) put(target, value, given);
}

std::vector<std::string_view> views(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

bool is_variable_of_handler(std::string_view variable) {
  return variable.starts_with("ASYNCD_HANDLER_");
}

std::vector<std::string> sorted_names(const Sources& sources) {
  std::vector<std::string> names = sources.environment_names;
  std::sort(names.begin(), names.end());
  return names;
}

// A variable that is set to nothing counts as not set.
std::string variable_text(const Sources& sources, std::string_view name) {
  return sources.environment ? sources.environment(name).value_or("") : "";
}

}  // namespace

std::vector<std::string> split_path_list(std::string_view text) {
  std::vector<std::string> folders;
  for (const std::string_view folder : split(text, path_list_separator()))
    if (!folder.empty()) folders.emplace_back(folder);
  return folders;
}

Targets::Targets(const Schema& schema, const std::vector<GivenSection>& listeners) {
  for (const Setting& setting : core_table().settings) add({setting.section, "", setting.key});
  add({"handler_path", "", "handler_path"});
  // The names come first: listeners are told apart by them.
  for (const Setting& setting : listener_table(schema).settings) {
    if (setting.key == "name") continue;
    add({"listener", "", setting.key});
    for (const GivenSection& listener : listeners) add({"listener", listener.name, setting.key});
  }
  for (const GivenSection& listener : listeners) listeners_.push_back(listener.name);
  for (const BackendSchema& backend : schema.backends) {
    backends_.emplace_back(backend.name);
    for (const Setting& setting : backend.options)
      add({"backend", std::string(backend.name), setting.key});
  }
}

void Targets::add(Target target) {
  Known known;
  known.dotted = target.section;
  if (!target.name.empty()) known.dotted += "." + target.name;
  if (target.section != target.key) known.dotted += "." + target.key;
  known.variable = "ASYNCD_" + as_variable(known.dotted);
  known.target = std::move(target);
  known_.push_back(std::move(known));
}

const Targets::Known* Targets::by_dotted(std::string_view name) const {
  for (const Known& known : known_)
    if (known.dotted == name) return &known;
  return nullptr;
}

std::string Targets::explain_unknown(std::string_view name) const {
  if (name.starts_with("listener.") && name.ends_with(".name"))
    return "a listener's name is set in the file only";
  const auto parts = split(name, '.');
  const bool of_three = parts.size() == 3;
  const auto is_one_of = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), parts[1]) != names.end();
  };
  if (of_three && parts[0] == "listener" && !is_one_of(listeners_))
    return "there is no listener '" + text::printable(parts[1], 64) + "'" +
           text::suggestion(parts[1], views(listeners_));
  if (of_three && parts[0] == "backend" && !is_one_of(backends_))
    return "unknown backend '" + text::printable(parts[1], 64) + "': one of " +
           text::join(views(backends_), ", ") + text::suggestion(parts[1], views(backends_));
  const std::string what = "unknown setting '" + text::printable(name, 64) + "'";
  std::vector<std::string_view> dotted;
  for (const Known& known : known_) {
    // A key without its section is the likeliest slip.
    if (parts.size() == 1 && known.target.key == name)
      return what + "; did you mean '" + known.dotted + "'?";
    dotted.push_back(known.dotted);
  }
  const std::string meant = text::suggestion(name, dotted);
  return what + (meant.empty() ? "; 'asyncd config' lists them all" : meant);
}

void Targets::read_assignments(const std::vector<std::string>& assignments, GivenConfig& given,
                               Problems& problems) const {
  std::vector<std::pair<Target, Given>> values;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    const std::string name = assignment.substr(0, equals);
    Origin origin;
    origin.where = "-o " + text::printable(name, 64);
    if (equals == std::string::npos) {
      problems.add(origin, "no value: write -o " + text::printable(name, 64) + "=VALUE");
      continue;
    }
    if (const std::string mistake = control_mistake(name, false); !mistake.empty()) {
      problems.add(origin, mistake);
      continue;
    }
    const auto parts = split(name, '.');
    const Known* known = by_dotted(name);
    Target target;
    if (known != nullptr) {
      target = known->target;
    } else if (parts.size() == 3 && parts[0] == "handler" && !parts[1].empty() &&
               !parts[2].empty()) {
      target = {"handler", std::string(parts[1]), std::string(parts[2])};
    } else {
      problems.add(origin, explain_unknown(name));
      continue;
    }
    Given value =
        from_text(target.key, assignment.substr(equals + 1), Rank::assignment, origin.where);
    values.emplace_back(std::move(target), std::move(value));
  }
  put_all(std::move(values), given);
}

void Targets::read_environment(const Sources& sources, GivenConfig& given,
                               std::vector<std::string>& warnings) const {
  std::vector<std::pair<Target, Given>> values;
  for (const std::string& name : sorted_names(sources)) {
    const auto known = std::find_if(known_.begin(), known_.end(),
                                    [&](const Known& one) { return one.variable == name; });
    if (known != known_.end()) {
      const std::string text = variable_text(sources, name);
      if (text.empty()) continue;
      values.emplace_back(known->target, from_text(known->target.key, text, Rank::environment,
                                                   "environment " + name));
    } else if (name.starts_with("ASYNCD_") && name != "ASYNCD_CONFIG" &&
               !is_variable_of_handler(name)) {
      std::vector<std::string_view> variables{"ASYNCD_CONFIG"};
      for (const Known& one : known_) variables.push_back(one.variable);
      warnings.push_back("environment " + text::printable(name, 64) +
                         ": no setting has this name, so it is ignored" +
                         text::suggestion(name, variables));
    }
  }
  put_all(std::move(values), given);
}

void read_handler_environment(const Sources& sources, GivenConfig& given,
                              std::vector<std::string>& warnings) {
  std::vector<std::string> handlers;
  for (const auto& [name, section] : given.handlers) handlers.push_back(name);
  for (const GivenSection& listener : given.listeners)
    if (const Given* handler = strongest(listener.values, "handler"))
      handlers.push_back(handler_section(handler->text));

  for (const std::string& variable : sorted_names(sources)) {
    if (!is_variable_of_handler(variable) || variable == "ASYNCD_HANDLER_PATH") continue;
    // Of "echo" and "echo-all" the longer one is meant by ASYNCD_HANDLER_ECHO_ALL_KEY.
    std::string owner, key;
    for (const std::string& handler : handlers) {
      const std::string prefix = "ASYNCD_HANDLER_" + as_variable(handler) + "_";
      if (!variable.starts_with(prefix) || variable == prefix || handler.size() <= owner.size())
        continue;
      owner = handler;
      key = variable.substr(prefix.size());
    }
    if (owner.empty()) {
      warnings.push_back("environment " + text::printable(variable, 64) +
                         ": it belongs to no handler that is in use, so it is ignored");
      continue;
    }
    for (char& letter : key)
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    const std::string text = variable_text(sources, variable);
    if (!text.empty())
      put({"handler", owner, key},
          from_text(key, text, Rank::environment, "environment " + variable), given);
  }
}

}  // namespace asyncd
