// The effective configuration: plain structs, complete and checked. The tables of settings
// (core_settings.cpp) have a row for each member of LogConfig, Limits, Framing and all that is
// called Settings or CoreConfig; what these structs begin with is the default. The origin of a
// value is kept only if a later check, such as the loader's, may have to name it in an error.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/config/setting.h"
#include "core/log/log.h"
#include "core/security/trust.h"
#include "core/session/framing.h"
#include "core/session/limits.h"

namespace asyncd {

class StageMaker;

enum class LogFormat : std::uint8_t { text, json };

constexpr std::string_view name_of(LogFormat format) {
  switch (format) {
    case LogFormat::text:
      return "text";
    case LogFormat::json:
      return "json";
  }
  return "";
}

struct LogConfig {
  log::Level level = log::Level::info;
  LogFormat format = LogFormat::text;
  std::string file;  // empty: standard error
};

// Where a value was written, for messages and for `asyncd config --origin`.
struct Origin {
  std::string where;       // "default", "flag --backend", "-o log.level", "environment
                           // ASYNCD_LOG_LEVEL", "asyncd.toml:12:3"
  std::string excerpt;     // for a file: the line and a caret below the spot; else empty
  bool from_file = false;  // decides between exit codes 78 (file) and 2 (flags, environment)
  unsigned line = 0;       // in the file, counted from 1
  unsigned column = 0;
};

struct ListenerSettings {
  std::string name = "main";
  std::string address = "127.0.0.1:8080";  // as the user wrote it; core/net/address reads it
  std::string backend;
  std::string handler;
  Framing framing;
  Limits limits;
};

struct ListenerConfig : ListenerSettings {
  Origin handler_origin;  // because only the loader can tell whether there is such a handler
  std::shared_ptr<const StageMaker> stages;      // null: bytes come as the client has sent them
  std::optional<Origin> max_connections_origin;  // nothing: it is the default
  // connections that the limit of open files leaves; computed at start, no setting
  std::uint64_t connection_share = unlimited_count;

  std::uint64_t most_connections() const {
    return std::min(limits.max_connections, connection_share);
  }
};

// A value that is not understood yet, because the table that describes it (a handler's) is not
// known yet.
struct RawOption {
  std::string key;
  std::string text;   // as the user would write it on the command line
  Origin origin;      // of the value
  Origin key_origin;  // of the key: the same unless it is from a file
};

struct HandlerSettings {
  std::string library;  // empty: searched by name
  std::string sha256;   // of the library, in hexadecimal; empty: whatever is found
};

struct HandlerConfig : HandlerSettings {
  Origin sha256_origin;  // because only the loader can tell whether it is that
  std::vector<RawOption> options;
};

// [backend.NAME], every key of the backend's table with its effective value.
using BackendOptions = std::map<std::string, Value, std::less<>>;

// What is set once for the whole process; a listener may have other limits.
struct CoreConfig {
  LogConfig log;
  std::uint64_t memory = unlimited_count;  // that all connections may hold together
  Limits limits;
  std::size_t offload_threads = 4;
  Duration shutdown_timeout = std::chrono::seconds(30);
  Trust trust = Trust::owner;
  bool try_libraries = true;
};

struct Config : CoreConfig {
  std::vector<std::string> handler_path;
  std::vector<ListenerConfig> listeners;
  std::map<std::string, BackendOptions, std::less<>> backends;
  std::map<std::string, HandlerConfig, std::less<>> handlers;
};

}  // namespace asyncd
