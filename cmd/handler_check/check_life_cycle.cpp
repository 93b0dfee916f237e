#include <fmt/core.h>

#include <array>
#include <vector>

#include "cmd/handler_check/checks.h"
#include "cmd/handler_check/simulated_connection.h"
#include "core/base/thread.h"

namespace asyncd {

namespace {

constexpr int lives = 3;             // of a handler
constexpr int workers_at_once = 2;   // of each life
constexpr int connections_each = 3;  // of each worker

// One worker's life; what goes wrong in it, or empty.
std::string live(const std::shared_ptr<const Service>& service, std::uint64_t seed) {
  BufferPool pool;
  const Worker worker(service);
  if (!worker.ok()) return "its worker_create fails";
  RandomMessages chance(seed, 1024);
  SimulatedOperations operations(false, chance);
  std::vector<std::unique_ptr<SimulatedConnection>> connections;
  for (int i = 0; i < connections_each; ++i)
    connections.push_back(std::make_unique<SimulatedConnection>(worker, pool, operations));
  for (const auto& each : connections) {
    each->send(with_prefix(*service, "hello"));
    if (each->handler_failed())
      return operations.leak().empty() ? "a hook fails" : operations.leak();
  }
  connections.front()->cut();
  connections.back()->send_end();
  return operations.leak();
}

}  // namespace

bool check_life_cycle(Subject& subject) {
  subject.begin("life cycle");
  for (int life = 1; life <= lives; ++life) {
    subject.at(fmt::format("life {} of {}", life, lives));
    const Result<std::shared_ptr<const Service>> service = subject.make();
    if (!service) return subject.finish(service.error().message);
    std::array<std::string, workers_at_once> wrong;
    {
      std::vector<Thread> threads;
      for (std::string& each : wrong) {
        Result<Thread> thread = Thread::start(0, [&] { each = live(*service, subject.seed()); });
        if (!thread) return subject.finish(thread.error().message);
        threads.push_back(std::move(*thread));
      }
    }
    for (const std::string& each : wrong)
      if (!each.empty()) return subject.finish(each);
  }
  return subject.finish("", fmt::format("{} lives, {} workers at once, {} connections each", lives,
                                        workers_at_once, connections_each));
}

}  // namespace asyncd
