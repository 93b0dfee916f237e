// The settings by the names that -o and the environment have for them.
// Built by load_config once the listeners are known; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/given.h"
#include "core/config/load.h"
#include "core/config/problems.h"

namespace asyncd {

// A place in a GivenConfig. A listener's without a name stands for all listeners.
struct Target {
  // log, limits, offload, shutdown, security, listener, backend, handler, handler_path
  std::string section;
  std::string name;
  std::string key;
};

class Targets {
 public:
  Targets(const Schema& schema, const std::vector<GivenSection>& listeners);

  // Adds what the -o arguments give, or says what is wrong with them.
  void read_assignments(const std::vector<std::string>& assignments, GivenConfig& given,
                        Problems& problems) const;

  // Adds what the environment gives, except to handlers; a name that means nothing gives a warning.
  void read_environment(const Sources& sources, GivenConfig& given,
                        std::vector<std::string>& warnings) const;

 private:
  struct Known {
    std::string dotted;    // limits.idle_timeout
    std::string variable;  // ASYNCD_LIMITS_IDLE_TIMEOUT
    Target target;
  };

  void add(Target target);
  const Known* by_dotted(std::string_view name) const;
  std::string explain_unknown(std::string_view name) const;

  std::vector<Known> known_;
  std::vector<std::string> backends_, listeners_;
};

// ASYNCD_HANDLER_NAME_KEY for the handlers that are in use or have a section of their own.
void read_handler_environment(const Sources& sources, GivenConfig& given,
                              std::vector<std::string>& warnings);

// The items of a list that is written as one text: folders separated by ':' (';' on Windows).
std::vector<std::string> split_path_list(std::string_view text);

}  // namespace asyncd
