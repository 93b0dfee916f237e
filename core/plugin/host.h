// What a handler gets of its host: the table of functions in asyncd.h, with the host's own part
// behind it, and what its create may ask. The functions run on the thread that calls them.
#pragma once

#include <string>
#include <vector>

#include "core/log/limit.h"
#include "core/plugin/plugin.h"

namespace asyncd {

// The functions that a handler gets in its calls, with the host's own part behind them.
struct HandlerHost : asyncd_host {
  log::SourceLimit* lines;  // those that the handler may still log
};
HandlerHost make_host(log::SourceLimit& lines);

// What a handler may log in a second: it logs what clients send, and others have a right to the
// log, too.
inline constexpr std::uint64_t lines_a_second = 1000;

// What create sees, with the host's own part behind it.
struct HandlerSetup : asyncd_setup {
  const HandlerDescription* description;
  const std::vector<Value>* values;
  std::string refusal;
};

}  // namespace asyncd
