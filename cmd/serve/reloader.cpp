#include "cmd/serve/reloader.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "cmd/cli/report.h"
#include "cmd/serve/log_options.h"
#include "core/base/thread.h"
#include "core/log/log.h"
#include "core/system/machine_memory.h"
#include "core/text/text.h"

namespace asyncd {

namespace {

constexpr Duration attempt_patience = std::chrono::seconds(10);
constexpr std::size_t most_left_behind = 8;
constexpr std::size_t parser_stack = 8 << 20;
constexpr std::string_view failed = "reload failed; everything stays as it was";

// Of the picture of a spot: "    7 | name = 1".
bool is_picture(std::string_view line) {
  const std::size_t mark = line.find_first_not_of(" 0123456789");
  return line.starts_with(' ') && mark != std::string_view::npos && line[mark] == '|';
}

std::string in_one_line(std::string_view mistake) {
  std::string text;
  for (std::size_t begin = 0; begin < mistake.size();) {
    const std::size_t end = std::min(mistake.find('\n', begin), mistake.size());
    std::string_view line = mistake.substr(begin, end - begin);
    begin = end + 1;
    if (is_picture(line)) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    text.append(text.empty() ? "" : " ").append(line);
  }
  return text;
}

// One line for each mistake: where it is, what it is, what to do, without the picture of the spot.
void log_failure(const std::string& message) {
  for (std::size_t begin = 0; begin < message.size();) {
    const std::size_t end = std::min(message.find("\n\n", begin), message.size());
    const std::string mistake = in_one_line(std::string_view(message).substr(begin, end - begin));
    log::error("reload_failed", failed, {{"err", mistake}});
    begin = end + 2;
  }
}

using Values = std::vector<EffectiveValue>;

// As TOML has it, but without the quotes: the log has its own.
std::string_view plain(std::string_view value) {
  const bool quoted =
      value.size() >= 2 && value.front() == '"' && value.find('\\') == std::string_view::npos;
  return quoted ? value.substr(1, value.size() - 2) : value;
}

bool has_section(const Values& values, const std::string& section) {
  return std::any_of(values.begin(), values.end(),
                     [&](const EffectiveValue& one) { return one.section == section; });
}

constexpr std::string_view of_a_listener = "listener.";

const EffectiveValue* find_value(const Values& values, std::string_view section,
                                 std::string_view key) {
  const auto found = std::find_if(values.begin(), values.end(), [&](const EffectiveValue& one) {
    return one.section == section && one.key == key;
  });
  return found == values.end() ? nullptr : &*found;
}

// A listener without a limit of its own has that of [limits].
const EffectiveValue* counterpart(const EffectiveValue& value, const Values& others) {
  const EffectiveValue* other = find_value(others, value.section, value.key);
  const bool inherits = other == nullptr && value.section.starts_with(of_a_listener);
  return inherits ? find_value(others, "limits", value.key) : other;
}

// Of each key in the one that the other does not have in the same way: `log_one(its value, the
// other's)`. Of listeners that begin or end other lines tell.
template <class LogOne>
void compare(const Values& values, const Values& others, LogOne log_one) {
  for (const EffectiveValue& value : values) {
    if (!has_section(others, value.section)) continue;
    const EffectiveValue* other = counterpart(value, others);
    const std::string_view text =
        other == nullptr ? std::string_view() : std::string_view(other->text);
    if (value.text != text) log_one(value, text);
  }
}

void log_changed_values(const Values& before, const Values& after) {
  const auto log_one = [](const EffectiveValue& value, std::string_view from, std::string_view to) {
    const std::string key = value.section.empty() ? value.key : value.section + "." + value.key;
    const bool of_one = value.section.starts_with(of_a_listener);
    const std::string_view anew =
        of_one ? "the listener begins anew" : "listeners that have it begin anew";
    const std::string_view effect = value.reload == Reload::listener ? anew : "live";
    log::info("changed", "changed",
              {{"key", key}, {"from", plain(from)}, {"to", plain(to)}, {"effect", effect}});
  };
  compare(after, before, [&](const EffectiveValue& value, std::string_view old) {
    log_one(value, old, value.text);
  });
  compare(before, after, [&](const EffectiveValue& value, std::string_view now) {
    if (find_value(after, value.section, value.key) == nullptr) log_one(value, value.text, now);
  });
}

// What a listener that goes on gets of the open files changes with the others'.
void log_changed_shares(const std::vector<ListenerConfig>& before,
                        const std::vector<ListenerConfig>& after) {
  for (const ListenerConfig& listener : after) {
    const auto same_name = [&](const ListenerConfig& other) { return other.name == listener.name; };
    const auto old = std::find_if(before.begin(), before.end(), same_name);
    const bool was_lowered =
        old != before.end() && old->most_connections() < old->limits.max_connections;
    const bool is_lowered = listener.most_connections() < listener.limits.max_connections;
    const bool same = was_lowered && old->most_connections() == listener.most_connections();
    const bool restored = was_lowered && !is_lowered && !listener.max_connections_origin;
    if ((is_lowered && !same) || restored) log_connection_share(listener);
  }
}

}  // namespace

// The thread reads the configuration, and then makes ready what it says. Only a reading can be left
// behind, because it touches nothing of the server's.
struct Reloader::Attempt {
  enum class Stage : std::uint8_t { reading, preparing, left_behind };

  explicit Attempt(Options given) : options(std::move(given)) {}
  bool leave(Stage to) {
    Stage from = Stage::reading;
    return stage.compare_exchange_strong(from, to);
  }

  const Options options;
  std::atomic<Stage> stage{Stage::reading};
  const Instant since = Clock::now();
  std::optional<Result<Prepared>> result;
  std::atomic<bool> ready{false};
  std::atomic<bool> in_vain{false};  // asyncd is ending, so its addresses are not to be opened
  bool given_up = false;
};

Reloader::Reloader(const Options& options, Server& server, Loaded present)
    : options_(options), server_(server), present_(std::move(present)) {}

void Reloader::request() {
  std::erase_if(left_behind_,
                [](const std::weak_ptr<Attempt>& attempt) { return attempt.expired(); });
  if (!under_way()) return begin();
  again_ = !attempt_->given_up;
  if (attempt_->given_up)
    log::error("reload_failed", failed, {{"err", "the one before has not come to its end yet"}});
}

void Reloader::begin() {
  again_ = false;
  if (left_behind_.size() >= most_left_behind)
    return log_failure(std::to_string(left_behind_.size()) +
                       " earlier ones still wait for the configuration file");
  Options options = options_;
  options.sources.present = present_.present;
  auto attempt = std::make_shared<Attempt>(std::move(options));
  Result<Thread> thread = Thread::start(parser_stack, [attempt, &server = server_] {
    try {
      Result<Loaded> loaded = load_config(attempt->options.sources, registry_schema());
      if (!attempt->leave(Attempt::Stage::preparing)) return;
      const auto bind = [&] { return !attempt->in_vain; };
      attempt->result = loaded ? prepare(std::move(*loaded), attempt->options, server, bind)
                               : Result<Prepared>(loaded.error());
    } catch (const std::exception& failure) {
      attempt->result = Error{ExitCode::failure, failure.what()};
    }
    attempt->ready.store(true, std::memory_order_release);
  });
  if (!thread) return log_failure(thread.error().message);
  thread->detach();
  attempt_ = std::move(attempt);
}

void Reloader::tend() {
  if (!under_way()) return;
  if (!attempt_->ready.load(std::memory_order_acquire)) {
    if (attempt_->given_up || Clock::now() < after(attempt_->since, attempt_patience)) return;
    if (attempt_->leave(Attempt::Stage::left_behind)) return leave_behind();
    attempt_->given_up = true;
    return log_failure("it takes too long; perhaps a handler does not return from its create");
  }
  const std::shared_ptr<Attempt> attempt = std::exchange(attempt_, nullptr);
  if (!attempt->given_up) finish(std::move(*attempt->result));
  if (again_) begin();
}

void Reloader::leave_behind() {
  left_behind_.push_back(std::exchange(attempt_, nullptr));
  log_failure("the configuration file has not been read within " +
              text::format_duration(attempt_patience) +
              "; perhaps what it lies on does not answer; the next reload reads it anew");
  if (again_) begin();
}

bool Reloader::has_left_behind() const {
  return std::any_of(left_behind_.begin(), left_behind_.end(),
                     [](const auto& attempt) { return !attempt.expired(); });
}

void log_reload_ignored() { log::warn("reload_ignored", "not reloaded: asyncd is ending"); }

void Reloader::on_end() {
  if (!under_way()) return;
  attempt_->in_vain = true;
  if (!attempt_->leave(Attempt::Stage::left_behind)) return;
  left_behind_.push_back(std::exchange(attempt_, nullptr));
  log_reload_ignored();
}

bool Reloader::uses_server() const {
  return under_way() && !attempt_->ready.load(std::memory_order_acquire);
}

std::shared_ptr<void> Reloader::abandon() {
  if (!under_way()) return nullptr;
  log_reload_ignored();
  return std::make_shared<std::optional<Result<Prepared>>>(
      std::move(std::exchange(attempt_, nullptr)->result));
}

void Reloader::finish(Result<Prepared> result) {
  if (!result) return log_failure(result.error().message);
  for (const std::string& warning : result->loaded.warnings) log::warn("config_warning", warning);
  const auto use_log = [this](const LogConfig& log) {
    return log::configure(log_options(options_, log));
  };
  if (Result<void> log = use_log(result->loaded.config.log); !log)
    return log_failure(log.error().message);
  log_left_out(result->generation);
  Result<Server::Changes> changes =
      server_.apply(std::move(result->generation), present_.config.shutdown_timeout);
  if (!changes) {
    if (Result<void> log = use_log(present_.config.log); !log) log_failure(log.error().message);
    return log_failure(changes.error().message);
  }
  std::swap(present_, result->loaded);
  report(result->loaded, *changes);
}

void Reloader::report(const Loaded& before, const Server::Changes& changes) const {
  log_changed_values(before.values, present_.values);
  log_changed_shares(before.config.listeners, present_.config.listeners);
  for (const Listener* listener : changes.begun) log_listening(*listener);
  for (const Listener* listener : changes.anew)
    log::info("settings_changed", "new connections get the new settings",
              {{"listener", listener->name()}, {"handler", listener->service()->handler_name}});
  for (const std::string& name : changes.ended)
    log::info("ended", "no longer listening", {{"listener", name}});
  const bool other_memory = before.config.memory != present_.config.memory;
  if (!changes.begun.empty() || !changes.anew.empty() || !changes.ended.empty() || other_memory)
    log_memory_bound(server_);
  log::info("reloaded", "reloaded", {{"file", present_.file}});
}

void log_listening(const Listener& listener) {
  log::info("listening", "listening",
            {{"address", listener.address()},
             {"backend", listener.backend_name()},
             {"handler", listener.service()->handler_name},
             {"listener", listener.name()}});
}

void log_left_out(const Generation& generation) {
  for (const Generation::Part& part : generation.parts)
    for (const std::string& address : part.left_out)
      log::warn("address_left_out",
                "not listening on one of the name's addresses: this system has none of its kind",
                {{"address", address}, {"listener", part.config.name}});
}

void log_connection_share(const ListenerConfig& listener) {
  const log::Field name{"listener", listener.name},
      limit{"max_connections", listener.most_connections()};
  if (listener.most_connections() < listener.limits.max_connections)
    log::warn("max_connections_lowered",
              "max_connections is lowered to what the limit of open files allows", {name, limit});
  else
    log::info("max_connections_restored",
              "the limit of open files allows all of max_connections again", {name, limit});
}

namespace {

std::string rounded(std::uint64_t bytes) {
  constexpr double mebibyte = 1 << 20, gibibyte = 1 << 30;
  const auto number = static_cast<double>(bytes);
  return number >= gibibyte ? fmt::format("{:.1f}GiB", number / gibibyte)
                            : fmt::format("{:.0f}MiB", number / mebibyte);
}

}  // namespace

void log_memory_bound(const Server& server) {
  const std::uint64_t limit = server.memory_limit();
  const MachineMemory machine = machine_memory();
  const std::string of = rounded(machine.bytes);
  log::info("memory_bound",
            "memory is bounded, but for that of sockets, and what handlers allocate by themselves",
            {{"memory", limit == unlimited_count ? "unlimited" : rounded(limit)},
             {machine.bytes != 0 ? "of" : "", of},
             {"connections_may_want", rounded(server.memory_bound())}});
  if (machine.bytes != 0 && limit > machine.bytes)
    log::warn("memory_too_large",
              "limits.memory is more than asyncd may have, so that the system may end it first",
              {{"of", of}, {"source", machine.source}});
}

}  // namespace asyncd
