#include "core/config/load.h"

#include "core/config/assemble.h"
#include "core/config/find_file.h"
#include "core/config/targets.h"
#include "core/config/toml_reader.h"
#include "core/text/escape.h"
#include "core/text/path_text.h"

namespace asyncd {
namespace {

std::string default_name(std::size_t index) {
  return index == 0 ? "main" : "listener" + std::to_string(index + 1);
}

Given from_flag(std::string key, std::string text, const std::string& flag) {
  Given given{.key = std::move(key), .text = std::move(text), .rank = Rank::flag};
  given.origin.where = "flag " + flag;
  given.key_origin = given.origin;
  return given;
}

// One call of load_config.
class Loader {
 public:
  Loader(const Sources& sources, const Schema& schema) : sources_(sources), schema_(schema) {}

  Result<Loaded> load() {
    if (Result<void> read = read_file(); !read) return read.error();
    settle_listeners();
    const Targets targets(schema_, given_.listeners);
    targets.read_environment(sources_, given_, loaded_.warnings);
    targets.read_assignments(sources_.assignments, given_, problems_);
    apply_flags();
    read_handler_environment(sources_, given_, loaded_.warnings);

    assemble(given_, schema_, sources_.needs_handler, loaded_, problems_);
    if (!problems_.empty()) return problems_.to_error();
    return std::move(loaded_);
  }

 private:
  Result<void> read_file() {
    Result<std::optional<ConfigFile>> found = find_config_file(sources_);
    if (!found) return found.error();
    if (!found->has_value()) return {};
    loaded_.file = (*found)->name;
    loaded_.present = {loaded_.file, (*found)->once, is_blank((*found)->text)};
    if (!(*found)->warning.empty()) loaded_.warnings.push_back((*found)->warning);
    const SourceText source(loaded_.file, std::move((*found)->text));
    if (Result<void> checked = check_source(source); !checked) return checked;
    return read_toml(source, given_, problems_);
  }

  // How many listeners there are, and their names: everything else may then be said of them.
  void settle_listeners() {
    std::vector<GivenSection>& listeners = given_.listeners;
    if (sources_.listen.empty() || listeners.size() <= 1) {
      if (listeners.empty()) listeners.emplace_back().origin = origin_without_listener();
      const GivenSection pattern = listeners.front();
      for (std::size_t i = 1; i < sources_.listen.size(); ++i) {
        GivenSection copy = pattern;
        std::erase_if(copy.values, [](const Given& value) { return value.key == "name"; });
        listeners.push_back(std::move(copy));
      }
      for (std::size_t i = 0; i < sources_.listen.size(); ++i)
        insert(listeners[i].values, from_flag("address", sources_.listen[i], "--listen"));
    } else {
      refuse_listen_flag();
    }
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      const Given* name = strongest(listeners[i].values, "name");
      listeners[i].name = name != nullptr ? name->text : default_name(i);
    }
  }

  void refuse_listen_flag() {
    const Given* name = strongest(given_.listeners.front().values, "name");
    Origin flag;
    flag.where = "flag --listen";
    problems_.add(flag, text::shown(loaded_.file, 4096) + " has " +
                            std::to_string(given_.listeners.size()) +
                            " listeners: say which one, as in -o listener." +
                            text::printable(name != nullptr ? name->text : default_name(0), 64) +
                            ".address=" + sources_.listen.front());
  }

  // Where to point at when the file has no [[listener]].
  Origin origin_without_listener() const {
    Origin origin;
    origin.where = text::shown(loaded_.file, 4096);
    origin.from_file = !loaded_.file.empty();
    return origin;
  }

  void apply_flags() {
    for (GivenSection& listener : given_.listeners) {
      if (sources_.backend)
        insert(listener.values, from_flag("backend", *sources_.backend, "--backend"));
      if (sources_.handler)
        insert(listener.values, from_flag("handler", *sources_.handler, "--handler"));
      if (sources_.framing)
        insert(listener.values, from_flag("framing", *sources_.framing, "--framing"));
    }
    if (sources_.log_level)
      insert(given_.core["log"], from_flag("level", *sources_.log_level, "-v or -q"));
    for (const std::string& folders : sources_.handler_path)
      insert(given_.handler_path, from_flag("handler_path", folders, "--handler-path"));
  }

  const Sources& sources_;
  const Schema& schema_;
  GivenConfig given_;
  Problems problems_;
  Loaded loaded_;
};

}  // namespace

std::string handler_section(std::string_view handler) {
  if (handler.find_first_of("/\\") == std::string_view::npos) return std::string(handler);
  const std::string stem = path_text(path_of(handler).stem());
  return stem.starts_with("lib") ? stem.substr(3) : stem;
}

Result<Loaded> load_config(const Sources& sources, const Schema& schema) {
  return Loader(sources, schema).load();
}

}  // namespace asyncd
