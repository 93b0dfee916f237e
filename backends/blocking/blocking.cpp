#include "backends/blocking/blocking.h"

#include "backends/blocking/blocking_loop.h"
#include "backends/thread_backend.h"

namespace asyncd {

namespace {

class BlockingBackend final : public ThreadBackend {
 public:
  std::uint64_t memory_bound(const Service& service, std::uint64_t) const override {
    return BlockingLoop::memory_bound(service);
  }
  std::uint64_t serves_at_once() const override { return 1; }
  std::uint64_t takes_in_at_once() const override { return 1; }

 private:
  Result<void> prepare(Listener& listener) override {
    loop_.emplace(listener, stop_flag(), 1, BlockingLoop::Accepting::here);
    return {};
  }

  void run(Listener& listener) override {
    accept_loop(listener).run(
        [this] {
          loop_->refresh();
          return never;
        },
        [this](NewConnection connection) { loop_->serve(std::move(connection)); });
    loop_->end();
  }

  std::optional<BlockingLoop> loop_;
};

}  // namespace

std::unique_ptr<Backend> make_blocking(const BackendOptions&) {
  return std::make_unique<BlockingBackend>();
}

}  // namespace asyncd
