// Server: all listeners, through all configurations, from the first start to the end. A
// configuration is first prepared and bound, which may fail and changes nothing, then applied,
// which is all or nothing. One thread, the main one; prepare and bind may run on another while the
// main one calls neither apply nor the destructor.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/accept/watchdog.h"
#include "core/base/thread.h"
#include "core/server/generation.h"
#include "core/server/memory_governor.h"

namespace asyncd {

class Server {
 public:
  explicit Server(MakeBackend make_backend) : make_backend_(std::move(make_backend)), offload_(1) {}
  ~Server();

  // Loads all handlers (each once, however many listeners it has) and checks their options; then
  // binds all addresses. All mistakes are reported, not the first.
  Result<Generation> prepare(const Config& config, const Loader& loader) const;
  Result<void> bind(Generation& generation) const;

  // What apply has done, for the log.
  struct Changes {
    std::vector<const Listener*> begun;  // listeners that have begun to accept
    // go on, and serve new connections in another way than before
    std::vector<const Listener*> anew;
    std::vector<std::string> ended;  // names of those that accept no client any more
  };

  // Serves a bound generation in place of the present one. Connections of the present one go on:
  // with its handlers and limits, or, where the listener is not in the new one, until nothing is
  // under way on them, for `patience` at most. An error leaves everything as it was. 71: no thread,
  // descriptor or memory; 73, 77: a socket cannot listen.
  Result<Changes> apply(Generation generation, Duration patience);

  // Lets go of what has come to its end: listeners that have been replaced, handlers that are
  // no longer used. Now and then.
  void tend();

  void drain();
  void stop();
  const Listener* ended() const;  // one whose backend has ended by itself; null where all serve
  bool done() const;
  void join();

  std::vector<const Listener*> listeners() const;
  // By name, of each listener that there has been. A reload that puts another in a listener's place
  // goes on with them.
  std::map<std::string, StatsSnapshot> books() const;
  StatsSnapshot totals() const;
  void log_books() const;

  // Bytes of user memory at most, with as many connections as there may be.
  std::uint64_t memory_bound() const;
  std::uint64_t memory_limit() const { return memory_.limit(); }  // of limits.memory
  // replaced, but still used by connections
  std::size_t older_handlers() const { return older_handlers_.size(); }

 private:
  // Destroys a handler that is not used any more, on a thread of its own.
  struct HandlerEnd {
    std::shared_ptr<std::atomic<bool>> done;
    Thread thread;
  };

  const Served* find_successor(const Served& leaving) const;

  Result<void> start(Generation& generation, std::vector<Served>& begun);
  void go_on(Served& part, Generation::Part& wanted, Changes& changes);
  static void replace_service(Served& part, std::shared_ptr<const Service> service);
  void dismiss(Served part, Duration patience);
  void pass_services_on();
  void replace_handlers(Handlers handlers);
  void end_apart(std::shared_ptr<Handler> handler);

  const MakeBackend make_backend_;
  Watchdog watchdog_;                // beyond all that calls hooks
  CompletionHandles completions_;    // likewise
  std::vector<HandlerEnd> endings_;  // of handlers; waited for once nothing else is left
  Handlers handlers_;
  // so that they end here, and not on some loop's thread
  std::vector<std::shared_ptr<Handler>> older_handlers_;
  OffloadPool offload_;
  MemoryBudget memory_;
  MemoryGovernor governor_{memory_};
  std::vector<Served> served_;
  std::vector<Served> leaving_;  // accept no new clients
  // of its length: bind looks at it, on the thread of a reload
  mutable std::mutex leaving_mutex_;
  std::map<std::string, StatsSnapshot> past_;  // the books of those that have left
};

}  // namespace asyncd
