#include "cmd/asyncd/examination.h"

#include <fmt/core.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>

#include "cmd/asyncd/conversation.h"
#include "cmd/asyncd/random_messages.h"
#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/config/load.h"
#include "core/server/generation.h"

namespace asyncd {

namespace {

constexpr int message_count = 1000;
constexpr int lives = 3;             // of a handler
constexpr int workers_at_once = 2;   // of each life
constexpr int connections_each = 3;  // of each worker
constexpr std::uint32_t prefix_size = 4;

// What the checking host has told, on whatever thread.
std::mutex complaints_mutex;
std::string complaints;
FindingsWriter* last_words = nullptr;

void note(const Violation& violation) {
  const std::lock_guard lock(complaints_mutex);
  if (!complaints.empty()) complaints += "; ";
  complaints += std::string(violation.what) + " (hook " + std::string(violation.hook) + ")";
  if (!violation.fatal) return;
  last_words->failed(complaints);
  last_words->end(ExitCode::handler_rejected);
  std::_Exit(0);  // nobody knows what else is spoilt
}

std::string take_complaints() {
  const std::lock_guard lock(complaints_mutex);
  return std::exchange(complaints, {});
}

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
    default:
      return {std::int64_t{0}, std::int64_t{1}, Number::max()};
  }
}

std::string shown(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return "\"" + text::printable(std::get<std::string>(value), 32) + "\"";
}

std::string with_prefix(std::string_view message) {
  std::string framed;
  for (std::uint32_t i = prefix_size; i > 0; --i) framed += static_cast<char>((message.size() >> (8 * (i - 1))) & 0xff);
  return framed.append(message);
}

std::string describe(int number, std::string_view what, std::string_view bytes) {
  return fmt::format("{} {} of {}, {} bytes \"{}\"", what, number, message_count, bytes.size(),
                     text::printable(bytes, 48));
}

std::string concurrency_of(const HandlerDescription& handler) {
  constexpr std::array<std::string_view, 4> names{"serial", "reentrant", "per connection", "serial"};
  return std::string(names[handler.hooks.concurrency]);
}

}  // namespace

Examination::Examination(FindingsWriter& findings, const Config& config, std::uint64_t seed)
    : findings_(findings), config_(config), seed_(seed) {
  last_words = &findings;
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
  const Result<Plugin> plugin = load_plugin(*file);
  if (!plugin) {
    findings_.failed(plugin.error().message);
    return plugin.error().code;
  }
  const std::size_t count = plugin->handlers.size();
  findings_.passed(fmt::format("version {}.{} of asyncd.h, {} handler{}", ASYNCD_ABI_MAJOR, plugin->abi_minor, count,
                               count == 1 ? "" : "s"));
  bool well = true;
  for (const HandlerDescription& handler : plugin->handlers) well = examine_handler(handler) && well;
  return well ? ExitCode::ok : ExitCode::handler_rejected;
}

bool Examination::examine_handler(const HandlerDescription& handler) {
  handler_ = &handler;
  findings_.begin(handler.name, "description");
  const std::vector<std::string>& unique = handler.library->unique_symbols();
  const std::string shared = unique.empty() ? "" : ", shares '" + unique.front() + "' with a newer version of itself";
  findings_.passed(fmt::format("{}{}{}{}", concurrency_of(handler),
                               (handler.hooks.flags & ASYNCD_ASYNC) != 0 ? ", asynchronous" : "",
                               handler.hooks.frame != nullptr ? ", framing of its own" : "", shared));
  return examine_options() && examine_life_cycle() && examine_messages() && examine_frames();
}

Result<Examination::ServicePointer> Examination::make(const std::vector<Value>& values, FramingKind framing) const {
  Result<std::unique_ptr<Handler>> created = Handler::create(*handler_, values, note);
  if (!created) return created.error();
  Limits limits;
  return make_service(std::move(*created), {.kind = framing, .prefix_size = prefix_size}, limits);
}

bool Examination::finish(const std::string& complaint, const std::string& passed) {
  std::string wrong = take_complaints();
  if (wrong.empty()) wrong = complaint;
  if (wrong.empty())
    findings_.passed(passed);
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
  Result<std::vector<Value>> values = resolve_options(handler_->options, raw, "handler '" + handler_->name + "'");
  if (!values) return finish(values.error().message, "");
  values_ = std::move(*values);
  findings_.at("create");
  if (const Result<ServicePointer> created = make(values_); !created)
    return finish(created.error().message + "; what it needs is given by -o handler." + handler_->name + ".KEY=VALUE",
                  "");
  std::size_t tried = 0, refused = 0;
  for (std::size_t i = 0; i < handler_->options.size(); ++i)
    for (const Value& extreme : extremes(handler_->options[i])) {
      const std::string step = "create with " + handler_->options[i].key + " = " + shown(extreme);
      findings_.at(step);
      std::vector<Value> changed = values_;
      changed[i] = extreme;
      const Result<ServicePointer> created = make(changed);
      if (!created && created.error().message.ends_with("it gave no reason"))
        return finish("it gives no reason when it refuses to be made, in " + step, "");
      if (const std::string wrong = take_complaints(); !wrong.empty()) return finish(wrong + ", in " + step, "");
      ++tried;
      refused += created ? 0 : 1;
    }
  return finish("", fmt::format("{} declared, {} extreme values tried, {} of them refused", handler_->options.size(),
                                tried, refused));
}

std::string Examination::live(const ServicePointer& service) const {
  BufferPool pool;
  const Worker worker(service);
  if (!worker.ok()) return "its worker_create fails";
  std::vector<std::unique_ptr<Conversation>> conversations;
  for (int i = 0; i < connections_each; ++i) conversations.push_back(std::make_unique<Conversation>(worker, pool));
  for (const auto& each : conversations) {
    each->send(with_prefix("hello"));
    if (each->handler_failed()) return "a hook fails";
  }
  conversations.front()->cut();
  conversations.back()->send_end();
  return "";
}

bool Examination::examine_life_cycle() {
  findings_.begin(handler_->name, "life cycle");
  for (int life = 1; life <= lives; ++life) {
    findings_.at(fmt::format("life {} of {}", life, lives));
    const Result<ServicePointer> service = make(values_);
    if (!service) return finish(service.error().message, "");
    std::array<std::string, workers_at_once> wrong;
    {
      std::vector<Thread> threads;
      for (std::string& each : wrong) {
        Result<Thread> thread = Thread::start(0, [&] { each = live(*service); });
        if (!thread) return finish(thread.error().message, "");
        threads.push_back(std::move(*thread));
      }
    }
    for (const std::string& each : wrong)
      if (!each.empty()) return finish(each, "");
  }
  return finish(
      "", fmt::format("{} lives, {} workers at once, {} connections each", lives, workers_at_once, connections_each));
}

bool Examination::examine_messages() {
  findings_.begin(handler_->name, "messages");
  const Result<ServicePointer> service = make(values_);
  if (!service) return finish(service.error().message, "");
  RandomMessages messages(seed_, static_cast<std::size_t>((*service)->limits.max_message));
  BufferPool pool;
  const Worker worker(*service);
  if (!worker.ok()) return finish("its worker_create fails", "");
  std::optional<Conversation> conversation;
  std::uint64_t errors = 0;
  for (int number = 1; number <= message_count; ++number) {
    const std::string message = messages.next();
    const std::string step = describe(number, "message", message);
    findings_.at(step);
    if (!conversation || conversation->ended() || messages.below(50) == 0) conversation.emplace(worker, pool);
    const std::uint64_t errors_before = conversation->counters().errors_sent;
    conversation->send(with_prefix(message));
    errors += conversation->counters().errors_sent - errors_before;
    std::string wrong = take_complaints();
    if (wrong.empty() && conversation->handler_failed()) wrong = "the hook message fails";
    if (!wrong.empty()) return finish(wrong + ", in " + step, "");
    if (messages.below(100) == 0) conversation->cut();
  }
  conversation.reset();
  return finish("",
                fmt::format("{} random ones, {} of them answered by an error; seed {}", message_count, errors, seed_));
}

// Bytes that may be messages of its protocol, and hardly ever are, in pieces.
bool Examination::examine_frames() {
  if (handler_->hooks.frame == nullptr) return true;
  findings_.begin(handler_->name, "frames");
  const Result<ServicePointer> service = make(values_, FramingKind::handler);
  if (!service) return finish(service.error().message, "");
  RandomMessages messages(seed_, 64 << 10);
  BufferPool pool;
  const Worker worker(*service);
  if (!worker.ok()) return finish("its worker_create fails", "");
  for (int number = 1; number <= message_count; ++number) {
    const std::string bytes = messages.next() + (messages.below(2) == 0 ? "\r\n" : "");
    const std::string step = describe(number, "input", bytes);
    findings_.at(step);
    Conversation conversation(worker, pool);
    for (std::size_t begin = 0, size = 0; begin < bytes.size() && !conversation.ended(); begin += size) {
      size = 1 + messages.below(messages.below(2) == 0 ? 8 : bytes.size());
      conversation.send(std::string_view(bytes).substr(begin, size));
    }
    conversation.send_end();
    if (const std::string wrong = take_complaints(); !wrong.empty()) return finish(wrong + ", in " + step, "");
    if (conversation.handler_failed()) return finish("the hook frame or message fails, in " + step, "");
  }
  return finish("", fmt::format("{} random inputs in pieces", message_count));
}

}  // namespace asyncd
