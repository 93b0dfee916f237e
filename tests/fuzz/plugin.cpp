// A library's description of itself, with sizes, counts, names and options that may be wrong: what
// can be told to be wrong is rejected, and nothing is read that the description does not claim to
// be there. Each struct, table and text has memory of its own, as long as it claims to be, so that
// a sanitizer sees who reads on. Input: the description, in the order in which it is read.
#include "core/plugin/plugin.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>

#include "fuzz.h"
#include "shown.h"

namespace {

using asyncd::HandlerDescription;
using asyncd::Plugin;
using asyncd::Result;
using fuzz::require;

// no sane struct is larger; what claims to be has no more than its size
constexpr std::size_t largest = 8192;

std::int32_t on_message(void*, asyncd_call*) { return ASYNCD_NO_REPLY; }
std::int32_t on_frame(void*, const char*, std::uint64_t, asyncd_frame*) { return 0; }

class Description {
 public:
  explicit Description(fuzz::Input& input) : input_(input) {
    asyncd_plugin plugin{};
    plugin.size = claimed_size(sizeof plugin);
    plugin.abi_minor = input_.byte();
    plugin.handler_count = count();
    std::vector<const asyncd_handler*> handlers;
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(plugin.handler_count, 8); ++i)
      handlers.push_back(handler());
    plugin.handlers = handlers.empty() ? nullptr : table(handlers);
    // So many are claimed that the code must not look for them.
    if (plugin.handler_count > handlers.size()) plugin.handler_count = UINT32_MAX;
    plugin_ = struct_of(plugin);
  }

  const asyncd_plugin& plugin() const { return *plugin_; }

 private:
  // Mostly right.
  std::uint32_t claimed_size(std::size_t right) {
    const std::size_t kind = input_.small();
    if (kind < 128) return static_cast<std::uint32_t>(right);
    if (kind < 192) return static_cast<std::uint32_t>(right - std::min(right, kind - 128));
    if (kind < 250) return static_cast<std::uint32_t>(right + 8 * (kind - 192));
    return static_cast<std::uint32_t>(input_.number(4));
  }

  std::uint32_t count() {
    const std::size_t kind = input_.small();
    return static_cast<std::uint32_t>(kind < 250 ? kind % 8 : input_.number(4));
  }

  char* keep(std::string_view bytes) {
    memory_.emplace_back(bytes);
    return memory_.back().data();
  }

  // As much of it as it claims to have; what is beyond is of a later version of the interface.
  template <class Struct>
  static std::string bytes_of(const Struct& right) {
    const std::size_t claimed = right.size > largest ? sizeof right.size : right.size;
    std::string bytes(std::max(claimed, sizeof right.size), '\x5a');
    std::memcpy(bytes.data(), &right, std::min(bytes.size(), sizeof right));
    return bytes;
  }
  template <class Struct>
  const Struct* struct_of(const Struct& right) {
    return reinterpret_cast<const Struct*>(keep(bytes_of(right)));
  }

  const asyncd_handler* const* table(const std::vector<const asyncd_handler*>& handlers) {
    const std::string_view bytes(reinterpret_cast<const char*>(handlers.data()),
                                 handlers.size() * sizeof handlers[0]);
    return reinterpret_cast<const asyncd_handler* const*>(keep(bytes));
  }

  // Up to ';'; '~' stands for none at all.
  const char* text() {
    std::string bytes;
    while (!input_.empty()) {
      const char next = static_cast<char>(input_.byte());
      if (next == ';') break;
      bytes += next;
    }
    if (bytes == "~") return nullptr;
    bytes.resize(std::strlen(bytes.c_str()) + 1);
    return keep(bytes);
  }

  const asyncd_handler* handler() {
    const std::size_t kind = input_.small();
    if (kind == 255) return nullptr;
    asyncd_handler handler{};
    handler.size = claimed_size(sizeof handler);
    if (kind == 254) handler.flags = ASYNCD_ASYNC;
    handler.concurrency = static_cast<std::uint32_t>(input_.small());
    handler.name = text();
    handler.summary = text();
    handler.version = text();
    handler.message = kind == 253 ? nullptr : on_message;
    handler.frame = on_frame;
    handler.option_count = count();
    handler.options = options(handler.option_count);
    return struct_of(handler);
  }

  // Rows one behind the other, each as long as it claims to be; or no table at all.
  const asyncd_option* options(std::uint32_t& number) {
    if (number > 8) return nullptr;
    std::string rows;
    for (std::uint32_t i = 0; i < number; ++i) {
      asyncd_option option{};
      option.size = claimed_size(sizeof option);
      option.type = static_cast<std::uint32_t>(input_.small());
      option.key = text();
      option.fallback = text();
      option.help = text();
      rows += bytes_of(option);
    }
    return rows.empty() ? nullptr : reinterpret_cast<const asyncd_option*>(keep(rows));
  }

  fuzz::Input& input_;
  std::deque<fuzz::Exact> memory_;
  const asyncd_plugin* plugin_ = nullptr;
};

bool is_name(std::string_view name, char beyond) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [beyond](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == beyond;
         });
}

// What asyncd relies on from here on.
void check_accepted(const HandlerDescription& handler, const asyncd_handler& theirs) {
  require(is_name(handler.name, '-') && handler.name == theirs.name, "it has its name");
  const asyncd_handler& hooks = handler.hooks;
  require(hooks.message != nullptr, "it has a message hook");
  require(hooks.concurrency >= ASYNCD_REENTRANT && hooks.concurrency <= ASYNCD_SERIAL,
          "its concurrency is known");
  require((hooks.flags & ~std::uint32_t{ASYNCD_ASYNC}) == 0, "its flags are known");
  const bool has_frame = theirs.size >= offsetof(asyncd_handler, frame) + sizeof theirs.frame;
  require((hooks.frame != nullptr) == has_frame, "it has the hooks that it knows, and no others");
  require(handler.options.size() == theirs.option_count, "it has its options");
  for (const asyncd::Setting& option : handler.options) {
    require(is_name(option.key, '_'), "an option has a proper key");
    const auto same = [&](const asyncd::Setting& other) { return other.key == option.key; };
    require(std::count_if(handler.options.begin(), handler.options.end(), same) == 1,
            "an option is declared once");
    require(static_cast<bool>(asyncd::parse_value(option, option.fallback)),
            "an option's default is a value of it");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const Description description(input);
  const asyncd_plugin& theirs = description.plugin();
  const Result<Plugin> plugin = asyncd::read_plugin(theirs, "library");
  if (!plugin) {
    require(plugin.error().code == asyncd::ExitCode::handler_rejected, "what is wrong is rejected");
    require(!plugin.error().message.empty() && fuzz::is_shown(plugin.error().message),
            "and explained");
    return 0;
  }
  require(plugin->handlers.size() == theirs.handler_count, "all handlers are there");
  for (std::size_t i = 0; i < plugin->handlers.size(); ++i) {
    check_accepted(plugin->handlers[i], *theirs.handlers[i]);
    require(plugin->find(plugin->handlers[i].name) == &plugin->handlers[i],
            "a name means one handler");
  }
  return 0;
}
