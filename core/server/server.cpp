#include "core/server/server.h"

#include <algorithm>

#include "core/config/problems.h"

namespace asyncd {

Result<std::shared_ptr<const Service>> make_service(Handler& handler, const Framing& framing, const Limits& limits) {
  if (framing.kind == FramingKind::handler && handler.hooks().frame == nullptr)
    return Error{
        ExitCode::handler_rejected,
        "handler '" + handler.name() + "' has no framing of its own; choose framing line, raw, fixed or length"};
  auto service = std::make_shared<Service>();
  service->handler_name = handler.name();
  service->hooks = &handler.hooks();
  service->self = handler.self();
  service->host = &handler.host();
  service->framer = make_framer(framing, limits.max_message, handler.hooks(), handler.self());
  service->limits = limits;
  return std::shared_ptr<const Service>(std::move(service));
}

namespace {

// Every mistake is reported, not the first alone; the exit code is the first one's.
class Mistakes {
 public:
  void note(const Result<void>& result) {
    if (result || all_.message.find(result.error().message) != std::string::npos) return;
    if (!found()) all_.code = result.error().code;
    all_.message += (all_.message.empty() ? "" : "\n\n") + result.error().message;
  }
  bool found() const { return all_.code != ExitCode::ok; }
  const Error& all() const { return all_; }

 private:
  Error all_{ExitCode::ok, ""};
};

bool is_served(const std::string& section, const Config& config) {
  return std::any_of(config.listeners.begin(), config.listeners.end(),
                     [&](const ListenerConfig& listener) { return handler_section(listener.handler) == section; });
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const Config& config, const Loader& loader,
                                               const MakeBackend& make_backend) {
  std::unique_ptr<Server> server(new Server);
  Mistakes mistakes;
  for (const ListenerConfig& listener : config.listeners)
    mistakes.note(server->add(listener, config, loader, make_backend));
  for (const auto& [section, options] : config.handlers)
    if (!is_served(section, config)) mistakes.note(loader.check(section, config));
  if (mistakes.found()) return mistakes.all();
  return server;
}

Server::~Server() {
  stop();
  join();
}

Result<void> Server::add(const ListenerConfig& listener, const Config& config, const Loader& loader,
                         const MakeBackend& make_backend) {
  const Result<Handler*> handler = handler_for(listener, config, loader);
  if (!handler) return handler.error();
  Result<std::shared_ptr<const Service>> service = make_service(**handler, listener.framing, listener.limits);
  if (!service) return Error{service.error().code, describe(listener.handler_origin, service.error().message)};
  Result<std::unique_ptr<Backend>> backend = make_backend(listener.backend, config.backends.at(listener.backend));
  if (!backend) return backend.error();
  parts_.push_back({listener, std::move(*service), std::move(*backend), nullptr});
  return {};
}

Result<Handler*> Server::handler_for(const ListenerConfig& listener, const Config& config, const Loader& loader) {
  auto& place = handlers_[listener.handler];
  if (place == nullptr) {
    Result<std::unique_ptr<Handler>> handler = loader.load(listener.handler, config, listener.handler_origin);
    if (!handler) return handler.error();
    place = std::move(*handler);
  }
  return place.get();
}

Result<void> Server::bind() {
  for (Part& part : parts_) {
    const Result<Address> address = parse_address(part.config.address);
    if (!address) return address.error();
    Result<ListenSocket> socket = ListenSocket::open(*address);
    if (!socket) return Error{socket.error().code, "listener '" + part.config.name + "': " + socket.error().message};
    part.listener = std::make_unique<Listener>(part.config.name, part.config.backend, std::move(*socket), part.service);
  }
  return {};
}

Result<void> Server::start() {
  started_ = true;
  for (Part& part : parts_)
    if (Result<void> started = part.backend->start(*part.listener); !started) {
      // Those that have begun end again; the others have nothing to end.
      Error error{started.error().code, "listener '" + part.config.name + "': " + started.error().message};
      parts_.erase(parts_.begin() + (&part - parts_.data()), parts_.end());
      return error;
    }
  return {};
}

void Server::drain() {
  if (!started_) return;
  for (Part& part : parts_) part.backend->drain();
}

void Server::stop() {
  if (!started_) return;
  for (Part& part : parts_) part.backend->stop();
}

const Listener* Server::ended() const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [](const Part& part) { return part.backend->done(); });
  return found == parts_.end() ? nullptr : found->listener.get();
}

bool Server::done() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.backend->done(); });
}

void Server::join() {
  if (!started_) return;
  for (Part& part : parts_) part.backend->join();
}

std::vector<const Listener*> Server::listeners() const {
  std::vector<const Listener*> result;
  for (const Part& part : parts_) result.push_back(part.listener.get());
  return result;
}

StatsSnapshot Server::totals() const {
  StatsSnapshot sum;
  for (const Part& part : parts_) sum += part.listener->stats().snapshot();
  return sum;
}

}  // namespace asyncd
