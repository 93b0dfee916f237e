// What a start, a check and a reload have in common: from what the user wrote to a generation that
// could be served. Any one thread at a time.
#pragma once

#include <functional>

#include "cmd/cli/options.h"
#include "core/server/server.h"

namespace asyncd {

struct Prepared {
  Loaded loaded;
  Generation generation;
};

std::unique_ptr<Server> make_server();  // of the registry's backends

// Reads, checks, loads the handlers and (where asked for) binds. 71: more connections are asked for
// than files may be open.
Result<Prepared> prepare(const Options& options, const Server& server, bool bind);
// The same from what has been read. `bind` is asked once all else is done.
Result<Prepared> prepare(Loaded loaded, const Options& options, const Server& server,
                         const std::function<bool()>& bind);

}  // namespace asyncd
