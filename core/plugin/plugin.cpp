#include "core/plugin/plugin.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/plugin/image.h"
#include "core/text/escape.h"

namespace asyncd {

namespace {

constexpr unsigned most_majors = 32;  // how far to look for the symbol of another major version
constexpr std::uint32_t most_handlers = 256;
constexpr std::uint32_t most_options = 256;

// Whether a struct of the other side can be as large as it says. What it has beyond ours is of a
// later version; a part of a field is of none.
template <class Struct>
bool is_size(std::uint32_t size, std::size_t least) {
  return size >= least && size <= 64 * sizeof(Struct) && size % alignof(Struct) == 0;
}

// A struct of the other side, of its own size, in one of ours.
template <class Struct>
Struct copy_of(const Struct& theirs) {
  Struct ours{};
  std::memcpy(&ours, &theirs, std::min<std::size_t>(theirs.size, sizeof ours));
  return ours;
}

bool is_name(const char* name, std::string_view beyond_letters) {
  const std::string_view text = name == nullptr ? std::string_view() : name;
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           beyond_letters.find(c) != std::string_view::npos;
  });
}

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

Error rejected(std::string why) { return {ExitCode::handler_rejected, std::move(why)}; }

Result<SettingType> type_of(const asyncd_option& option) {
  switch (option.type) {
    case ASYNCD_OPTION_TEXT:
      return SettingType::text;
    case ASYNCD_OPTION_INTEGER:
      return SettingType::integer;
    case ASYNCD_OPTION_BOOLEAN:
      return SettingType::boolean;
    case ASYNCD_OPTION_DURATION:
      return SettingType::duration;
    case ASYNCD_OPTION_SIZE:
      return SettingType::size;
    default:
      return rejected("option '" + text_of(option.key) + "' has the unknown type " +
                      std::to_string(option.type));
  }
}

Result<std::vector<Setting>> read_options(const asyncd_handler& handler) {
  std::vector<Setting> settings;
  if (handler.option_count > most_options)
    return rejected("it declares " + std::to_string(handler.option_count) + " options");
  if (handler.option_count != 0 && handler.options == nullptr)
    return rejected("its table of options is missing");
  const char* next = reinterpret_cast<const char*>(handler.options);
  for (std::uint32_t i = 0; i < handler.option_count; ++i) {
    asyncd_option theirs;
    std::memcpy(&theirs.size, next, sizeof theirs.size);
    if (!is_size<asyncd_option>(theirs.size, sizeof theirs))
      return rejected("its table of options has rows of a wrong size");
    std::memcpy(&theirs, next, sizeof theirs);
    next += theirs.size;
    if (!is_name(theirs.key, "_")) return rejected("an option has no proper key");
    const Result<SettingType> type = type_of(theirs);
    if (!type) return type.error();
    Setting setting{.key = theirs.key,
                    .type = *type,
                    .fallback = text_of(theirs.fallback),
                    .doc = text_of(theirs.help)};
    if (*type == SettingType::integer) setting.least = std::numeric_limits<std::int64_t>::min();
    const auto is_same = [&](const Setting& other) { return other.key == setting.key; };
    if (std::any_of(settings.begin(), settings.end(), is_same))
      return rejected("it declares the option '" + setting.key + "' twice");
    if (const Result<Value> value = parse_value(setting, setting.fallback); !value)
      return rejected("the default of its option '" + setting.key + "': " + value.error().message);
    settings.push_back(std::move(setting));
  }
  return settings;
}

Result<HandlerDescription> read_handler(const asyncd_handler* theirs) {
  if (theirs == nullptr) return rejected("its list of handlers has a hole");
  if (!is_size<asyncd_handler>(theirs->size,
                               offsetof(asyncd_handler, message) + sizeof theirs->message))
    return rejected("the description of a handler has the size " + std::to_string(theirs->size));
  HandlerDescription result;
  result.hooks = copy_of(*theirs);
  asyncd_handler& hooks = result.hooks;
  if (!is_name(hooks.name, "-"))
    return rejected("a handler has no proper name (lower-case letters, digits, '-')");
  result.name = hooks.name;
  const auto wrong = [&](const std::string& what) {
    return rejected("handler '" + result.name + "': " + what);
  };
  if (hooks.message == nullptr) return wrong("it has no message hook");
  if (hooks.concurrency == 0) hooks.concurrency = ASYNCD_SERIAL;
  if (hooks.concurrency > ASYNCD_SERIAL)
    return wrong("unknown concurrency " + std::to_string(hooks.concurrency));
  if ((hooks.flags & ~std::uint32_t{ASYNCD_ASYNC}) != 0)
    return wrong("it has flags that this asyncd does not know (" + std::to_string(hooks.flags) +
                 "); build it against this asyncd's asyncd.h");
  Result<std::vector<Setting>> options = read_options(hooks);
  if (!options) return wrong(options.error().message);
  result.options = std::move(*options);
  result.summary = text_of(hooks.summary);
  result.version = text_of(hooks.version);
  return result;
}

// The exported description, or which of the reasons there is none.
Result<const asyncd_plugin*> find_export(const Library& library) {
  const std::string base = "asyncd_plugin_v";
  const std::string wanted = base + std::to_string(ASYNCD_ABI_MAJOR);
  if (const void* symbol = library.symbol(wanted.c_str()); symbol != nullptr)
    return static_cast<const asyncd_plugin*>(symbol);
  for (unsigned major = 0; major < most_majors; ++major)
    if (library.symbol((base + std::to_string(major)).c_str()) != nullptr)
      return rejected("it was built for version " + std::to_string(major) +
                      " of the handler interface, this asyncd has version " +
                      std::to_string(ASYNCD_ABI_MAJOR) +
                      "; build it against this asyncd's asyncd.h");
  return rejected("it does not export " + wanted +
                  ", so it is a library, but not a handler of asyncd; see plugins/sdk/asyncd.h");
}

Result<Plugin> load(const LibraryFile& file, const Trial& trial) {
  if (const Result<void> image = check_image(file.bytes); !image) return image.error();
  if (trial && !Library::is_loaded(file))
    if (const Result<void> survived = trial(file); !survived) return survived.error();
  const Result<std::shared_ptr<const Library>> library = Library::open(file);
  if (!library) return library.error();
  const Result<const asyncd_plugin*> exported = find_export(**library);
  if (!exported) return exported.error();
  Result<Plugin> plugin = read_plugin(**exported, file.path);
  if (!plugin) return plugin;
  for (HandlerDescription& handler : plugin->handlers) {
    handler.path = file.path;
    handler.library = *library;
  }
  for (const std::string& warning : {file.warning, (*library)->shared_with_older()})
    if (!warning.empty())
      plugin->warnings.push_back("the handler " + text::shown(file.path, 4096) + ": " + warning);
  return plugin;
}

}  // namespace

const HandlerDescription* Plugin::find(std::string_view name) const {
  const auto found = std::find_if(handlers.begin(), handlers.end(),
                                  [&](const auto& handler) { return handler.name == name; });
  return found == handlers.end() ? nullptr : &*found;
}

Result<Plugin> read_plugin(const asyncd_plugin& exported, const std::string& path) {
  if (!is_size<asyncd_plugin>(exported.size, sizeof exported))
    return rejected("its description has the size " + std::to_string(exported.size));
  const asyncd_plugin plugin = copy_of(exported);
  if (plugin.handler_count == 0 || plugin.handler_count > most_handlers ||
      plugin.handlers == nullptr)
    return rejected("it describes " + std::to_string(plugin.handler_count) + " handlers");
  Plugin result{path, plugin.abi_minor, {}};
  for (std::uint32_t i = 0; i < plugin.handler_count; ++i) {
    Result<HandlerDescription> handler = read_handler(plugin.handlers[i]);
    if (!handler) return handler.error();
    if (result.find(handler->name) != nullptr)
      return rejected("it has two handlers named '" + handler->name + "'");
    result.handlers.push_back(std::move(*handler));
  }
  return result;
}

Result<Plugin> load_plugin(const LibraryFile& file, const Trial& trial) {
  Result<Plugin> plugin = load(file, trial);
  if (!plugin)
    plugin.error().message =
        "cannot load the handler " + text::shown(file.path, 4096) + ": " + plugin.error().message;
  return plugin;
}

}  // namespace asyncd
