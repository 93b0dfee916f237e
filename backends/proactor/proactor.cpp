#include "backends/proactor/proactor.h"

#include <asio/version.hpp>
#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/proactor/acceptor.h"
#include "core/base/cores.h"
#include "core/base/thread.h"

namespace asyncd {

namespace {

class ProactorBackend final : public Backend {
 public:
  explicit ProactorBackend(std::size_t threads) : thread_count_(threads) {}
  ~ProactorBackend() override { join(); }

  std::uint64_t memory_bound(const Service& service) const override {
    const Limits& limits = service.limits;
    constexpr std::uint64_t in_asio = 512;  // what it keeps for each descriptor that it watches
    return thread_count_ * (limits.input_buffer + BufferPool::default_cache) +
           limits.max_connections *
               (sizeof(AsioLoop::Connection) + in_asio + most_buffered(limits) + most_in_calls(service));
  }

  std::uint64_t own_descriptors() const override {
    constexpr std::uint64_t of_a_loop = 4;  // Asio's own three, and the inbox
    return thread_count_ * of_a_loop + 1;   // and the listener's once more, to wait on
  }

  Result<void> start(Listener& listener) override;
  void refresh() override;
  void retire() override;
  void drain() override;
  void stop() override;
  void join() override { threads_.clear(); }
  bool done() const override { return running_ == 0; }

 private:
  void tell_loops();

  const std::size_t thread_count_;
  Latch latch_;
  std::vector<std::unique_ptr<AsioLoop>> loops_;
  std::optional<Acceptor> acceptor_;
  std::atomic<std::size_t> running_{0};
  std::vector<Thread> threads_;
};

Result<void> ProactorBackend::start(Listener& listener) {
  try {
    for (std::size_t i = 0; i < thread_count_; ++i) loops_.push_back(std::make_unique<AsioLoop>(listener, latch_));
    acceptor_.emplace(listener, loops_);
  } catch (const std::exception& failure) {
    return Error{ExitCode::os_limit, std::string("proactor: ") + failure.what() +
                                         "; use fewer threads, or raise the limit of open files (ulimit -n)"};
  }
  AsioLoop& accepting = *loops_.front();
  listener.set_waker([this, &accepting] { accepting.post([this] { acceptor_->accept(); }); });
  accepting.post([this] { acceptor_->start(); });
  for (const auto& loop : loops_) {
    Result<Thread> thread = Thread::start(0, [this, &loop] {
      loop->run();
      --running_;
    });
    if (!thread) {
      stop();
      join();
      return Error{thread.error().code, "proactor: " + thread.error().message};
    }
    ++running_;
    threads_.push_back(std::move(*thread));
  }
  return {};
}

void ProactorBackend::tell_loops() {
  for (const auto& loop : loops_) loop->post([&loop] { loop->obey_latch(); });
}

void ProactorBackend::refresh() {
  loops_.front()->post([this] { acceptor_->accept(); });  // there may be more room, or none to wait for
  for (const auto& loop : loops_) loop->post([&loop] { loop->refresh(); });
}

void ProactorBackend::retire() {
  latch_.advance(Latch::Phase::retired);
  loops_.front()->post([this] { acceptor_->stop(); });
}

void ProactorBackend::drain() {
  latch_.advance(Latch::Phase::draining);
  loops_.front()->post([this] { acceptor_->finish_when_empty(); });
  tell_loops();
}

void ProactorBackend::stop() {
  latch_.advance(Latch::Phase::stopping);
  loops_.front()->post([this] { acceptor_->stop(); });
  tell_loops();
}

}  // namespace

std::span<const Setting> proactor_settings() {
  static const Setting settings[] = {
      {.key = "threads",
       .type = SettingType::count,
       .fallback = std::to_string(own_core_count()),
       .doc = "threads, each with an event loop of its own; unless set, one per core that asyncd may run on",
       .reload = Reload::listener,
       .least = 1,
       .most = 1024,
       .varies = true},
  };
  return settings;
}

std::string proactor_library_version() {
  constexpr unsigned version = ASIO_VERSION;
  return std::to_string(version / 100'000) + '.' + std::to_string(version / 100 % 1000) + '.' +
         std::to_string(version % 100);
}

std::unique_ptr<Backend> make_proactor(const BackendOptions& options) {
  return std::make_unique<ProactorBackend>(static_cast<std::size_t>(std::get<std::int64_t>(options.at("threads"))));
}

}  // namespace asyncd
