#include "core/config/assemble.h"

#include "core/config/core_settings.h"
#include "core/config/targets.h"
#include "core/config/validate.h"
#include "core/config/value.h"
#include "core/text/escape.h"
#include "core/text/nearest.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

class Assembler {
 public:
  Assembler(const GivenConfig& given, const Schema& schema, bool needs_handler, Loaded& loaded,
            Problems& problems)
      : given_(given),
        schema_(schema),
        needs_handler_(needs_handler),
        listener_table_(listener_table(schema)),
        loaded_(loaded),
        problems_(problems) {}

  void run() {
    resolve_handler_path();
    resolve_core();
    resolve_listeners();
    resolve_backends();
    resolve_handlers();
  }

 private:
  // Every source adds its folders: those of the stronger ones are searched first, each source's in
  // its own order.
  void resolve_handler_path() {
    std::vector<std::string> origins;
    const auto add = [&](const Given& given) {
      if (given.form != Form::text && given.form != Form::toml_texts) {
        problems_.add(
            given.origin,
            "handler_path: expected an array of folders such as [\"/opt/handlers\"], not " +
                std::string(form_name(given.form)));
        return;
      }
      const auto folders = given.form == Form::text ? split_path_list(given.text) : given.items;
      for (const std::string& folder : folders)
        if (const std::string mistake = control_mistake(folder, given.origin.from_file);
            !mistake.empty())
          problems_.add(given.origin, "handler_path: " + mistake);
      loaded_.config.handler_path.insert(loaded_.config.handler_path.end(), folders.begin(),
                                         folders.end());
      if (origins.empty() || origins.back() != given.origin.where)
        origins.push_back(given.origin.where);
    };
    for (const Rank rank : {Rank::flag, Rank::assignment, Rank::environment, Rank::file})
      for (const Given& given : given_.handler_path)
        if (given.rank == rank) add(given);

    std::vector<std::string> folders;
    for (const std::string& folder : loaded_.config.handler_path)
      folders.push_back(text::json_quote(folder));
    const auto joined = [](const std::vector<std::string>& words) {
      return text::join(std::vector<std::string_view>(words.begin(), words.end()), ", ");
    };
    loaded_.values.push_back({"", "handler_path", "[" + joined(folders) + "]",
                              origins.empty() ? "default" : joined(origins),
                              std::string(handler_path_doc)});
  }

  void resolve_core() {
    for (const Section& section : core_sections()) {
      const std::string name(section.name);
      const auto found = given_.core.find(name);
      const GivenValues& given = found != given_.core.end() ? found->second : none_;
      const auto resolved = resolve(section.settings, given, "[" + name + "]", problems_);
      for (const Resolved& value : resolved) {
        core_table().fill(loaded_.config, value);
        loaded_.values.push_back(effective(name, value));
      }
      if (name != "limits") continue;
      note_max_connections(resolved, max_connections_origin_);
      check_water_marks(loaded_.config.limits, resolved, {}, problems_);
    }
  }

  static void note_max_connections(const std::vector<Resolved>& resolved,
                                   std::optional<Origin>& origin) {
    if (const Given* given = row(resolved, "max_connections").given) origin = given->origin;
  }

  void resolve_listeners() {
    std::vector<ListenerDraft> drafts;
    for (const GivenSection& given : given_.listeners) drafts.push_back(draft(given));
    check_listeners_together(drafts, problems_);
    for (ListenerDraft& one : drafts) {
      report(one);
      loaded_.config.listeners.push_back(std::move(one.config));
    }
  }

  // A limit that the listener does not have for itself is not its own.
  static bool is_own(const Resolved& value) {
    return value.given != nullptr || value.setting->section == "listener";
  }

  ListenerDraft draft(const GivenSection& given) {
    ListenerDraft draft{{},
                        resolve(listener_table_.settings, given.values, "[[listener]]", problems_),
                        given.origin};
    ListenerConfig& config = draft.config;
    config.limits = loaded_.config.limits;
    for (const Resolved& value : draft.resolved)
      if (is_own(value)) listener_table_.fill(config, value);
    config.name = given.name;
    if (const Given* handler = row(draft.resolved, "handler").given)
      config.handler_origin = handler->origin;
    check_framing(draft, problems_);
    config.max_connections_origin = max_connections_origin_;
    note_max_connections(draft.resolved, config.max_connections_origin);
    const bool has_water_marks = row(draft.resolved, "output_low_water").given != nullptr ||
                                 row(draft.resolved, "output_high_water").given != nullptr;
    if (has_water_marks) check_water_marks(config.limits, draft.resolved, draft.origin, problems_);
    check_listener(draft, problems_);
    check_memory(draft);
    if (needs_handler_ && has_no_handler(given)) refuse_without_handler(draft);
    return draft;
  }

  // The process has one memory, whichever listener uses it.
  void check_memory(const ListenerDraft& listener) {
    if (const Given* given = row(listener.resolved, "memory").given)
      problems_.add(given->key_origin,
                    "memory is of the whole process, not of a listener: set it in [limits]");
    const std::uint64_t memory = loaded_.config.memory;
    const auto warn = [&](const char* key, std::uint64_t bytes) {
      if (bytes <= memory / 2) return;
      loaded_.warnings.push_back(
          "listener '" + text::printable(listener.config.name, 64) + "': " + key + " (" +
          text::format_size(bytes) + ") is more than half of limits.memory (" +
          text::format_size(memory) + "), so what is as long closes its connection");
    };
    warn("max_message", listener.config.limits.max_message);
    warn("max_reply", listener.config.limits.max_reply);
  }

  // A handler that is given in a wrong way is another mistake.
  static bool has_no_handler(const GivenSection& listener) {
    const Given* handler = strongest(listener.values, "handler");
    const bool is_text =
        handler == nullptr || handler->form == Form::text || handler->form == Form::toml_text;
    return handler == nullptr || (is_text && handler->text.empty());
  }

  void refuse_without_handler(const ListenerDraft& listener) {
    const std::string shortest = "asyncd --handler=echo";
    if (loaded_.file.empty())
      problems_.add({},
                    "there is no handler, and no configuration file: the shortest command that "
                    "works is\n    " +
                        shortest);
    else if (listener.origin.line == 0)
      problems_.add(listener.origin,
                    "it has no [[listener]] and there is no handler: add\n    [[listener]]\n    "
                    "handler = \"echo\"\nor start with " +
                        shortest);
    else
      problems_.add(listener.origin, "listener '" + text::printable(listener.config.name, 64) +
                                         "' has no handler: add for example handler = \"echo\"");
  }

  void report(const ListenerDraft& listener) {
    const std::string section = "listener." + listener.config.name;
    for (const Resolved& value : listener.resolved) {
      if (!is_own(value)) continue;
      if (!belongs_to_framing(*value.setting, listener.config.framing.kind)) continue;
      EffectiveValue row = effective(section, value);
      if (row.key == "name") row.text = text::json_quote(listener.config.name);
      loaded_.values.push_back(std::move(row));
    }
  }

  void resolve_backends() {
    std::vector<std::string_view> names;
    for (const BackendSchema& backend : schema_.backends) {
      names.push_back(backend.name);
      const std::string section = "backend." + std::string(backend.name);
      const auto found = given_.backends.find(backend.name);
      const GivenValues& given = found != given_.backends.end() ? found->second.values : none_;
      BackendOptions& options = loaded_.config.backends[std::string(backend.name)];
      for (const Resolved& value :
           resolve(backend.options, given, "[" + section + "]", problems_)) {
        options[value.setting->key] = value.value;
        loaded_.values.push_back(effective(section, value));
      }
    }
    for (const auto& [name, given] : given_.backends)
      if (std::find(names.begin(), names.end(), name) == names.end())
        problems_.add(given.origin, "unknown backend '" + text::printable(name, 64) + "': one of " +
                                        text::join(names, ", ") + text::suggestion(name, names));
  }

  void resolve_handlers() {
    for (const auto& [name, given] : given_.handlers) {
      HandlerConfig& handler = loaded_.config.handlers[name];
      const auto first = static_cast<std::ptrdiff_t>(loaded_.values.size());
      for (const Given& value : given.values) add_handler_value(name, value, handler);
      std::sort(loaded_.values.begin() + first, loaded_.values.end(),
                [](const EffectiveValue& left, const EffectiveValue& right) {
                  return left.key < right.key;
                });
    }
  }

  void add_handler_value(const std::string& name, const Given& value, HandlerConfig& handler) {
    const bool is_scalar = value.form != Form::toml_texts && value.form != Form::toml_array &&
                           value.form != Form::toml_table;
    const bool is_text = value.form == Form::text || value.form == Form::toml_text;
    const auto refuse = [&](const std::string& expected) {
      problems_.add(value.origin, text::shown(value.key, 64) + ": expected " + expected + ", not " +
                                      std::string(form_name(value.form)));
    };
    if (const Setting* own = find_setting(handler_table().settings, value.key)) {
      if (!is_text) return refuse(expected_value(*own));
      if (const std::string mistake = control_mistake(value.text, value.origin.from_file);
          own->plain && !mistake.empty())
        problems_.add(value.origin, own->key + ": " + mistake);
      handler_table().fill(handler, {own, value.text, &value});
      if (own->key == "sha256" && !take_sha256(value, handler)) return;
    } else {
      if (!is_scalar) return refuse("text in quotes, a number, true or false");
      handler.options.push_back({value.key, value.text, value.origin, value.key_origin});
    }
    report_handler_value("handler." + name, value);
  }

  bool take_sha256(const Given& value, HandlerConfig& handler) {
    for (char& digit : handler.sha256)
      if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
    handler.sha256_origin = value.origin;
    constexpr std::size_t digits = 64;
    if (handler.sha256.size() == digits &&
        handler.sha256.find_first_not_of("0123456789abcdef") == std::string::npos)
      return true;
    problems_.add(value.origin, "sha256: expected " + std::to_string(digits) +
                                    " hexadecimal digits, as sha256sum prints them, not '" +
                                    text::printable(value.text, 2 * digits) + "'");
    return false;
  }

  static bool is_plain_integer(const std::string& text) {
    const auto number = text::parse_integer(text);
    return number && std::to_string(*number) == text;
  }

  void report_handler_value(const std::string& section, const Given& value) {
    std::erase_if(loaded_.values, [&](const EffectiveValue& row) {
      return row.section == section && row.key == value.key;
    });
    const bool is_word =
        value.text == "true" || value.text == "false" || is_plain_integer(value.text);
    const bool bare = value.form == Form::text ? is_word : value.form != Form::toml_text;
    loaded_.values.push_back({section, value.key, bare ? value.text : text::json_quote(value.text),
                              value.origin.where, ""});
  }

  const GivenConfig& given_;
  const Schema& schema_;
  bool needs_handler_;
  const Table<ListenerSettings> listener_table_;
  Loaded& loaded_;
  Problems& problems_;
  std::optional<Origin> max_connections_origin_;
  const GivenValues none_;
};

}  // namespace

void assemble(const GivenConfig& given, const Schema& schema, bool needs_handler, Loaded& loaded,
              Problems& problems) {
  Assembler(given, schema, needs_handler, loaded, problems).run();
}

}  // namespace asyncd
