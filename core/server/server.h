// Server: all listeners of a configuration, from binding to the end. Start is all or nothing. One thread, the main one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/plugin/loader.h"
#include "core/server/backend.h"

namespace asyncd {

class Server {
 public:
  // How the caller makes a backend by its name: the core knows none.
  using MakeBackend =
      std::function<Result<std::unique_ptr<Backend>>(const std::string& name, const BackendOptions& options)>;

  // Loads all handlers (each once, however many listeners it has) and checks their options. Nothing is bound yet.
  static Result<std::unique_ptr<Server>> create(const Config& config, const Loader& loader,
                                                const MakeBackend& make_backend);
  ~Server();

  Result<void> bind();   // all addresses, or none
  Result<void> start();  // begins to serve

  void drain();
  void stop();
  const Listener* ended() const;  // one whose backend has ended by itself; null where all serve
  bool done() const;
  void join();

  std::vector<const Listener*> listeners() const;
  StatsSnapshot totals() const;

 private:
  struct Part {
    ListenerConfig config;
    std::shared_ptr<const Service> service;
    std::unique_ptr<Backend> backend;
    std::unique_ptr<Listener> listener;
  };

  Server() = default;
  Result<void> add(const ListenerConfig& listener, const Config& config, const Loader& loader,
                   const MakeBackend& make_backend);
  Result<Handler*> handler_for(const ListenerConfig& listener, const Config& config, const Loader& loader);

  std::map<std::string, std::unique_ptr<Handler>> handlers_;
  std::vector<Part> parts_;
  bool started_ = false;
};

// A service of its own for one listener; `handler` outlives it. 65: the framing needs a hook that the handler lacks.
Result<std::shared_ptr<const Service>> make_service(Handler& handler, const Framing& framing, const Limits& limits);

}  // namespace asyncd
