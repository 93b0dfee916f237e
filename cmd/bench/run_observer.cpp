#include "cmd/bench/run_observer.h"

#include <algorithm>

#include "cmd/process/control.h"

namespace asyncd::bench {

RunObserver::RunObserver(Progress& progress, std::uint64_t server, ServerProcess* child)
    : progress_(progress), server_(server), child_(child) {
  if (server != 0) probe_.emplace(server);
  if (probe_) idle_ = probe_->read();
}

void RunObserver::on_measuring(std::uint64_t connections) {
  connections_ = connections;
  if (probe_) server_before_ = probe_->read();
  client_before_ = own_usage();
  before_ = system_time(client_before_, server_before_);
}

void RunObserver::on_measured() {
  client_after_ = own_usage();
  if (probe_) server_after_ = probe_->read();
  after_ = system_time(client_after_, server_after_);
}

bool RunObserver::wants_end() {
  if (child_ != nullptr && !child_->listen()) return true;
  if (ended_) return true;
  const Request request = wait_for_request(std::chrono::microseconds(1));
  ended_ = request != Request::none && request != Request::unused;
  return ended_;
}

void RunObserver::tell(Outcome& outcome) const {
  outcome.client = price_of(client_before_, client_after_);
  if (probe_) outcome.server = price_of(server_before_, server_after_);
  outcome.contention = contention(outcome);
  if (!probe_) return;
  const auto& before = idle_.own ? idle_.own : idle_.resident;
  const auto& with = server_before_.own ? server_before_.own : server_before_.resident;
  const std::uint64_t connections = std::min(connections_, outcome.served_at_once);
  if (outcome.plan.idle != 0 && connections != 0 && before && with && *with >= *before)
    outcome.server.per_connection = (*with - *before) / connections;
}

SystemTime RunObserver::system_time(const Usage& client, const Usage& server) const {
  SystemTime time{.at = Clock::now(), .cores = core_times()};
  time.client = {client.thread_times, throttled_times(0)};
  if (probe_) time.server = {server.thread_times, throttled_times(server_)};
  return time;
}

Contention RunObserver::contention(const Outcome& outcome) const {
  Side client{outcome.client_cores, outcome.client.cpu},
      server{outcome.server_cores, outcome.server.cpu};
  server.threads_last = threads_last(server_before_, server_after_);
  // A server of this machine that nothing is known of cannot be told from other programs.
  if (outcome.loopback && !probe_) client.cpu.reset();
  return contention_between(before_, after_, client, server);
}

}  // namespace asyncd::bench
