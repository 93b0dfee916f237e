// Reloader: a new configuration in place of the present one, while all goes on. It is made ready on
// a thread of its own, because a handler may take its time to begin, and applied by the main
// thread, which owns this and calls all of it. Whatever fails leaves everything as it was, and the
// log says why.
#pragma once

#include <memory>
#include <vector>

#include "cmd/serve/prepare.h"

namespace asyncd {

class Reloader {
 public:
  // All references outlive it, and the thread as well, unless the process ends by _Exit.
  Reloader(const Options& options, Server& server, Loaded present);

  // Begins, or begins once more when the one that is under way is over.
  void request();

  // Applies one that is ready, complains about one that takes too long. Now and then, and often
  // while under_way.
  void tend();

  bool under_way() const { return attempt_ != nullptr; }

  // The end begins: one whose file is still being read is left to its thread, and the log says that
  // it is not applied. One that is further opens no address any more.
  void on_end();
  bool uses_server() const;  // one that is under way may, until it is ready

  // The end: no more of it, once nothing uses the server. What has been made ready and is not
  // wanted any more, to be destroyed with that.
  std::shared_ptr<void> abandon();
  // Whether the thread of one still waits for a file: then the process can only end by _Exit.
  bool has_left_behind() const;
  const Config& config() const { return present_.config; }  // the present one

 private:
  struct Attempt;

  void begin();
  void leave_behind();
  void finish(Result<Prepared> result);
  void report(const Loaded& before, const Server::Changes& changes) const;

  const Options& options_;
  Server& server_;
  Loaded present_;
  std::shared_ptr<Attempt> attempt_;
  std::vector<std::weak_ptr<Attempt>> left_behind_;
  bool again_ = false;
};

void log_listening(const Listener& listener);
void log_reload_ignored();  // because asyncd is ending
void log_left_out(const Generation& generation);
void log_connection_share(const ListenerConfig& listener);
void log_memory_bound(const Server& server);

}  // namespace asyncd
