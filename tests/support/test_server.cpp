#include "tests/support/test_server.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "core/config/load.h"
#include "tests/support/client.h"

namespace asyncd::test {

namespace {

BackendOptions options_for(const BackendEntry& entry, const BackendOptions& wanted) {
  BackendOptions options = wanted;
  for (const Setting& setting : entry.settings())
    options.try_emplace(setting.key, *parse_value(setting, setting.fallback));
  return options;
}

Config config_for(const ServerSetup& setup) {
  Config config;
  config.handler_path = {ASYNCD_TEST_HANDLERS};
  config.trust = Trust::any;  // of the user who builds this tree
  config.memory = setup.memory;
  HandlerConfig& handler = config.handlers[setup.handler];
  handler.library = setup.handler_library;
  handler.options = setup.handler_options;
  config.backends[setup.backend] = options_for(*find_backend(setup.backend), setup.backend_options);
  ListenerConfig& listener = config.listeners.emplace_back();
  listener.address = setup.address;
  listener.backend = setup.backend;
  listener.handler = setup.handler;
  listener.framing = setup.framing;
  listener.limits = setup.limits;
  listener.stages = stages_in_use();
  return config;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  for (const Instant end = Clock::now() + most_wait; Clock::now() < end;) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

TestServer::TestServer(const ServerSetup& setup) {
  server_ = std::make_unique<Server>(
      [](const std::string& name,
         const BackendOptions& options) -> Result<std::unique_ptr<Backend>> {
        return find_backend(name)->make(options);
      });
  if (const std::string failure = reload(setup); !failure.empty())
    throw std::runtime_error(failure);
}

std::string TestServer::reload(const ServerSetup& setup) {
  const Config config = config_for(setup);
  const Loader loader(config, [](std::string_view) { return std::nullopt; });
  Result<Generation> generation = server_->prepare(config, loader);
  if (!generation) return generation.error().message;
  if (const Result<void> bound = server_->bind(*generation); !bound) return bound.error().message;
  const auto applied = server_->apply(std::move(*generation), most_wait);
  if (!applied) return applied.error().message;
  changes_ = applied->begun.size() + applied->anew.size() + applied->ended.size();
  return {};
}

std::size_t TestServer::older_handlers() {
  server_->tend();
  return server_->older_handlers();
}

int TestServer::port() const { return port_of(server_->listeners().front()->address()); }

void TestServer::finish() {
  server_->drain();
  if (!eventually([this] { return server_->done(); })) {
    ADD_FAILURE() << "the server does not end by itself";
    server_->stop();
  }
  server_->join();
}

TestServer::~TestServer() {
  finish();
  const StatsSnapshot books = stats();
  EXPECT_EQ(books.active, 0u);
  EXPECT_EQ(books.accepted, books.closed_in_all() + books.rejected_in_all());
  EXPECT_EQ(books.closed[0], 0u) << "a connection was closed for no reason";
}

}  // namespace asyncd::test
