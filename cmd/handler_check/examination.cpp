#include "cmd/handler_check/examination.h"

#include <fmt/core.h>

#include <array>
#include <limits>

#include "cmd/handler_check/complaints.h"
#include "cmd/handler_check/conversation.h"
#include "cmd/handler_check/counted_memory.h"
#include "core/base/thread.h"
#include "core/config/load.h"
#include "core/server/generation.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

constexpr int lives = 3;             // of a handler
constexpr int workers_at_once = 2;   // of each life
constexpr int connections_each = 3;  // of each worker

std::vector<Value> extremes(const Setting& option) {
  using Number = std::numeric_limits<std::int64_t>;
  switch (option.type) {
    case SettingType::text:
    case SettingType::choice:
      return {std::string(), std::string(10'000, 'x'), std::string("\0\n\x1b\xff", 4)};
    case SettingType::boolean:
      return {std::int64_t{0}, std::int64_t{1}};
    case SettingType::integer:
      return {Number::min(), std::int64_t{-1}, std::int64_t{0}, Number::max()};
    case SettingType::count:
    case SettingType::size:
    case SettingType::duration:
      break;
  }
  return {std::int64_t{0}, std::int64_t{1}, Number::max()};
}

std::string shown(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return "\"" + text::printable(std::get<std::string>(value), 32) + "\"";
}

std::string concurrency_of(const HandlerDescription& handler) {
  constexpr std::array<std::string_view, 4> names{"serial", "reentrant", "per connection",
                                                  "serial"};
  return std::string(names[handler.hooks.concurrency]);
}

}  // namespace

Examination::Examination(FindingsWriter& findings, const Config& config, std::uint64_t seed)
    : findings_(findings), config_(config), seed_(seed) {
  tell_last_words_to(findings);
}

ExitCode Examination::examine(const std::string& path) {
  findings_.begin("", "trust");
  const Result<LibraryFile> file = read_library(path, config_.trust);
  if (!file) {
    findings_.failed(file.error().message);
    return file.error().code;
  }
  findings_.passed(file->warning);
  findings_.begin("", "interface");
  Result<Plugin> plugin = load_plugin(*file);
  if (!plugin) {
    findings_.failed(plugin.error().message);
    return plugin.error().code;
  }
  const std::size_t count = plugin->handlers.size();
  findings_.passed(fmt::format("version {}.{} of asyncd.h, {} handler{}", ASYNCD_ABI_MAJOR,
                               plugin->abi_minor, count, count == 1 ? "" : "s"));
  bool well = true;
  for (HandlerDescription& handler : plugin->handlers) well = examine_handler(handler) && well;
  return well ? ExitCode::ok : ExitCode::handler_rejected;
}

bool Examination::examine_handler(HandlerDescription& handler) {
  handler_ = &handler;
  if (asynchronous()) handler.hooks = with_counted_memory(handler.hooks);
  findings_.begin(handler.name, "description");
  const std::vector<std::string>& unique = handler.library->unique_symbols();
  const std::string shared =
      unique.empty() ? "" : ", shares '" + unique.front() + "' with a newer version of itself";
  findings_.passed(
      fmt::format("{}{}{}{}", concurrency_of(handler), asynchronous() ? ", asynchronous" : "",
                  handler.hooks.frame != nullptr ? ", framing of its own" : "", shared));
  if (!examine_options() || !examine_life_cycle() || !examine_messages(false)) return false;
  return (!asynchronous() || examine_messages(true)) && examine_frames();
}

Result<Examination::ServicePointer> Examination::make(const std::vector<Value>& values,
                                                      FramingKind framing) const {
  Result<std::unique_ptr<Handler>> created = Handler::create(*handler_, values, note_complaint);
  if (!created) return created.error();
  return make_service(std::move(*created), {.kind = framing, .prefix_size = 4}, Limits{});
}

bool Examination::finish(const std::string& complaint, const std::string& note) {
  std::string wrong = take_complaints();
  if (wrong.empty()) wrong = complaint;
  if (wrong.empty())
    findings_.passed(note);
  else
    findings_.failed(wrong);
  return wrong.empty();
}

// The values that it is served with have to do. Others it may refuse, with a reason.
bool Examination::examine_options() {
  findings_.begin(handler_->name, "options");
  const auto given = config_.handlers.find(handler_->name);
  const std::span<const RawOption> raw =
      given == config_.handlers.end() ? std::span<const RawOption>() : given->second.options;
  Result<std::vector<Value>> values =
      resolve_options(handler_->options, raw, "handler '" + handler_->name + "'");
  if (!values) return finish(values.error().message);
  values_ = std::move(*values);
  findings_.at("create");
  if (const Result<ServicePointer> created = make(values_); !created)
    return finish(created.error().message + "; what it needs is given by -o handler." +
                  handler_->name + ".KEY=VALUE");
  std::size_t tried = 0, refused = 0;
  for (std::size_t i = 0; i < handler_->options.size(); ++i)
    for (const Value& extreme : extremes(handler_->options[i])) {
      const std::string step = "create with " + handler_->options[i].key + " = " + shown(extreme);
      findings_.at(step);
      std::vector<Value> changed = values_;
      changed[i] = extreme;
      const Result<ServicePointer> created = make(changed);
      if (!created && created.error().message.ends_with("it gave no reason"))
        return finish("it gives no reason when it refuses to be made, in " + step);
      if (const std::string wrong = take_complaints(); !wrong.empty())
        return finish(wrong + ", in " + step);
      ++tried;
      refused += created ? 0 : 1;
    }
  const std::size_t declared = handler_->options.size();
  return finish("", declared == 0
                        ? "none"
                        : fmt::format("{} declared, {} extreme values tried, {} of them refused",
                                      declared, tried, refused));
}

std::string Examination::live(const ServicePointer& service) const {
  BufferPool pool;
  const Worker worker(service);
  if (!worker.ok()) return "its worker_create fails";
  RandomMessages chance(seed_, 1024);
  RehearsedOperations operations(false, chance);
  std::vector<std::unique_ptr<Conversation>> conversations;
  for (int i = 0; i < connections_each; ++i)
    conversations.push_back(std::make_unique<Conversation>(worker, pool, operations));
  for (const auto& each : conversations) {
    each->send(with_prefix(*service, "hello"));
    if (each->handler_failed())
      return operations.leak().empty() ? "a hook fails" : operations.leak();
  }
  conversations.front()->cut();
  conversations.back()->send_end();
  return operations.leak();
}

bool Examination::examine_life_cycle() {
  findings_.begin(handler_->name, "life cycle");
  for (int life = 1; life <= lives; ++life) {
    findings_.at(fmt::format("life {} of {}", life, lives));
    const Result<ServicePointer> service = make(values_);
    if (!service) return finish(service.error().message);
    std::array<std::string, workers_at_once> wrong;
    {
      std::vector<Thread> threads;
      for (std::string& each : wrong) {
        Result<Thread> thread = Thread::start(0, [&] { each = live(*service); });
        if (!thread) return finish(thread.error().message);
        threads.push_back(std::move(*thread));
      }
    }
    for (const std::string& each : wrong)
      if (!each.empty()) return finish(each);
  }
  return finish("", fmt::format("{} lives, {} workers at once, {} connections each", lives,
                                workers_at_once, connections_each));
}

}  // namespace asyncd
