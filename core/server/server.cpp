#include "core/server/server.h"

#include <algorithm>

#include "core/server/binding.h"

namespace asyncd {

namespace {

// Connections may stay on a service long after it has been replaced, and keep its handler. Of so
// many services, the oldest asks its connections to end.
constexpr std::size_t most_older_services = 3;

}  // namespace

Server::~Server() {
  stop();
  join();
  served_.clear();
  leaving_.clear();
  replace_handlers({});
}

Result<Generation> Server::prepare(const Config& config, const Loader& loader) const {
  return prepare_generation(config, loader, {handlers_, served_}, make_backend_);
}

Result<void> Server::bind(Generation& generation) const {
  std::vector<LeavingListener> leaving;
  {
    const std::lock_guard lock(leaving_mutex_);
    for (const Served& one : leaving_)
      leaving.push_back({one.config.name, one.listener->sockets().places()});
  }
  return bind_generation(generation, served_, std::move(leaving));
}

Result<Server::Changes> Server::apply(Generation generation, Duration patience) {
  std::vector<Served> begun;
  if (Result<void> started = governor_.start(); !started) return started.error();
  if (Result<void> started = start(generation, begun); !started) {
    for (Served& part : begun) dismiss(std::move(part), patience);
    return started.error();
  }
  // From here on nothing fails.
  for (const Served& part : begun) part.listener->settle();
  offload_.set_threads(generation.offload_threads);
  memory_.set_limit(generation.memory);
  Changes changes;
  std::vector<Served> next;
  for (Generation::Part& wanted : generation.parts) {
    std::vector<Served>& from = wanted.goes_on ? served_ : begun;
    const auto found = std::find_if(from.begin(), from.end(), [&](const Served& part) {
      return part.config.name == wanted.config.name;
    });
    next.push_back(std::move(*found));
    from.erase(found);
    if (wanted.goes_on)
      go_on(next.back(), wanted, changes);
    else
      changes.begun.push_back(next.back().listener.get());
  }
  served_.swap(next);
  for (Served& part : next) {
    const auto same_name = [&](const Served& other) {
      return other.config.name == part.config.name;
    };
    if (std::none_of(served_.begin(), served_.end(), same_name))
      changes.ended.push_back(part.config.name);
    dismiss(std::move(part), patience);
  }
  pass_services_on();
  replace_handlers(std::move(generation.handlers));
  return changes;
}

// Starting a backend is the last thing that can fail.
Result<void> Server::start(Generation& generation, std::vector<Served>& begun) {
  if (Result<void> started = watchdog_.start(); !started) return started;
  for (Generation::Part& wanted : generation.parts) {
    if (wanted.goes_on) continue;
    for (ListenSocket& socket : wanted.place.sockets)
      if (Result<void> listening = socket.listen(); !listening)
        return Error{listening.error().code,
                     "listener '" + wanted.config.name + "': " + listening.error().message};
    Served part{
        wanted.config, std::move(wanted.backend_options), nullptr, std::move(wanted.backend), {}};
    part.listener = std::make_unique<Listener>(
        part.config.name, part.config.backend, part.backend->takes_in_at_once(),
        std::move(wanted.place), std::move(wanted.service),
        Listener::Shared{offload_, completions_, watchdog_, memory_});
    part.listener->bound_connections(part.config.connection_share);
    if (Result<void> started = part.backend->start(*part.listener); !started)
      return Error{started.error().code,
                   "listener '" + part.config.name + "': " + started.error().message};
    begun.push_back(std::move(part));
  }
  return {};
}

void Server::go_on(Served& part, Generation::Part& wanted, Changes& changes) {
  part.config = wanted.config;
  if (wanted.service != part.listener->service()) {
    replace_service(part, std::move(wanted.service));
    changes.anew.push_back(part.listener.get());
  }
  part.listener->bound_connections(part.config.connection_share);
}

void Server::replace_service(Served& part, std::shared_ptr<const Service> service) {
  std::shared_ptr<const Service> before = part.listener->service();
  part.listener->services().put(std::move(service));
  std::erase_if(part.older, [](const auto& older) { return older.expired(); });
  part.older.push_back(std::move(before));
  for (std::size_t i = 0; i + most_older_services < part.older.size(); ++i)
    if (const auto oldest = part.older[i].lock()) part.listener->services().retire(*oldest);
  part.backend->refresh();
}

// A listener that goes takes in the clients in the system's queue before its connections end. Where
// another listener has its sockets, these clients are the other's, and the connections go on.
void Server::dismiss(Served part, Duration patience) {
  if (const Served* successor = find_successor(part); successor != nullptr) {
    successor->listener->sockets().take_files(part.listener->sockets());
    part.successor = successor->config.name;
    part.backend->retire();
  } else {
    part.backend->drain();
    part.stop_at = after(Clock::now(), patience);
  }
  const std::lock_guard lock(leaving_mutex_);
  leaving_.push_back(std::move(part));
}

// A thread of a listener that is leaving may be in the middle of accepting. A client that has come
// after the reload gets what is new there, too.
void Server::pass_services_on() {
  for (const Served& part : leaving_)
    for (const Served& other : served_)
      if (other.config.name == part.successor)
        part.listener->services().put(other.listener->service());
}

const Served* Server::find_successor(const Served& leaving) const {
  const auto found = std::find_if(served_.begin(), served_.end(), [&](const Served& part) {
    return part.listener->sockets().meets(leaving.listener->sockets());
  });
  return found == served_.end() ? nullptr : &*found;
}

// Each handler is kept once, also where several names lead to it: the last owner's release marks
// its end.
void Server::replace_handlers(Handlers handlers) {
  handlers_.swap(handlers);
  for (auto& [word, handler] : handlers) {
    const auto is_it = [&one = handler](const auto& entry) { return entry == one; };
    const bool stays = std::any_of(handlers_.begin(), handlers_.end(),
                                   [&](auto& other) { return is_it(other.second); });
    if (!stays && std::none_of(older_handlers_.begin(), older_handlers_.end(), is_it))
      older_handlers_.push_back(std::move(handler));
  }
  tend();
}

void Server::tend() {
  for (Served& part : leaving_)
    if (!part.backend->done() && Clock::now() >= part.stop_at) part.backend->stop();
  std::vector<std::string> left;
  std::unique_lock lock(leaving_mutex_);
  std::erase_if(leaving_, [&](Served& part) {
    if (!part.backend->done()) return false;
    part.backend->join();
    part.backend.reset();  // before its listener
    past_[part.config.name] += part.listener->stats().snapshot();
    left.push_back(part.config.name);
    return true;
  });
  lock.unlock();
  for (const std::string& name : left) asyncd::log_books(name, books()[name]);
  std::erase_if(older_handlers_, [this](auto& handler) {
    if (handler.use_count() != 1) return false;
    end_apart(std::move(handler));
    return true;
  });
  std::erase_if(endings_, [](const HandlerEnd& ending) { return ending.done->load(); });
}

// A handler's destroy may take long, or not return. The server waits for it only at its own end,
// and another handler's destroy does not wait even then.
void Server::end_apart(std::shared_ptr<Handler> handler) {
  HandlerEnd ending{std::make_shared<std::atomic<bool>>(false), {}};
  Result<Thread> thread =
      Thread::start(0, [held = std::move(handler), done = ending.done]() mutable {
        held.reset();
        *done = true;
      });
  if (!thread) return;  // it has ended all the same, with the thread's body
  ending.thread = std::move(*thread);
  endings_.push_back(std::move(ending));
}

void Server::drain() {
  for (auto* parts : {&served_, &leaving_})
    for (Served& part : *parts) part.backend->drain();
}

void Server::stop() {
  for (auto* parts : {&served_, &leaving_})
    for (Served& part : *parts) part.backend->stop();
}

void Server::join() {
  for (auto* parts : {&served_, &leaving_})
    for (Served& part : *parts) part.backend->join();
}

const Listener* Server::ended() const {
  const auto found = std::find_if(served_.begin(), served_.end(),
                                  [](const Served& part) { return part.backend->done(); });
  return found == served_.end() ? nullptr : found->listener.get();
}

bool Server::done() const {
  const auto all_done = [](const std::vector<Served>& parts) {
    return std::all_of(parts.begin(), parts.end(),
                       [](const Served& part) { return part.backend->done(); });
  };
  return all_done(served_) && all_done(leaving_);
}

std::vector<const Listener*> Server::listeners() const {
  std::vector<const Listener*> result;
  for (const Served& part : served_) result.push_back(part.listener.get());
  return result;
}

std::map<std::string, StatsSnapshot> Server::books() const {
  std::map<std::string, StatsSnapshot> books = past_;
  for (const auto* parts : {&served_, &leaving_})
    for (const Served& part : *parts) books[part.config.name] += part.listener->stats().snapshot();
  return books;
}

StatsSnapshot Server::totals() const {
  StatsSnapshot sum;
  for (const auto& [name, books] : books()) sum += books;
  return sum;
}

void Server::log_books() const {
  for (const auto& [name, books] : books()) asyncd::log_books(name, books);
}

std::uint64_t Server::memory_bound() const {
  constexpr std::uint64_t own = 32 << 20;  // the program, its libraries, the log's queue
  std::uint64_t sum = own;
  for (const Served& part : served_)
    sum += part.backend->memory_bound(*part.listener->service(), part.config.most_connections());
  return sum;
}

}  // namespace asyncd
