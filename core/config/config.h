// The effective configuration: plain structs, complete and checked. Where a value came from is kept
// only for what is checked later, by those who know more.
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
#include "core/security/trust.h"
#include "core/session/framing.h"
#include "core/session/limits.h"

namespace asyncd {

class StageMaker;

struct LogConfig {
  std::string level = "info";   // trace, debug, info, warn, error
  std::string format = "text";  // text or json
  std::string file;             // empty: standard error
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

struct ListenerConfig {
  std::string name;
  std::string address;  // as the user wrote it; core/net/address reads it
  std::string backend;
  std::string handler;
  Origin handler_origin;  // because only the loader can tell whether there is such a handler
  Framing framing;
  Limits limits;
  std::shared_ptr<const StageMaker> stages;      // null: bytes come as the client has sent them
  std::optional<Origin> max_connections_origin;  // nothing: it is the default, and so bounded by
  std::uint64_t connection_share =
      unlimited_count;  // what the limit of open files leaves: no setting, others change it

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

struct HandlerConfig {
  std::string library;   // empty: searched by name
  std::string sha256;    // of the library, in hexadecimal; empty: whatever is found
  Origin sha256_origin;  // because only the loader can tell whether it is that
  std::vector<RawOption> options;
};

// [backend.NAME], every key of the backend's table with its effective value.
using BackendOptions = std::map<std::string, Value, std::less<>>;

struct Config {
  LogConfig log;
  std::size_t offload_threads = 4;
  std::uint64_t memory = unlimited_count;  // that all connections may hold together
  Duration shutdown_timeout = std::chrono::seconds(30);
  Trust trust = Trust::owner;
  bool try_libraries = true;
  std::vector<std::string> handler_path;
  std::vector<ListenerConfig> listeners;
  std::map<std::string, BackendOptions, std::less<>> backends;
  std::map<std::string, HandlerConfig, std::less<>> handlers;
};

}  // namespace asyncd
