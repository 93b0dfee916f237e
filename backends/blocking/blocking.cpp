#include "backends/blocking/blocking.h"

#include "backends/blocking/blocking_loop.h"
#include "backends/blocking/thread_backend.h"

namespace asyncd {

namespace {

class BlockingBackend final : public ThreadBackend {
 private:
  void run(Listener& listener) override {
    BlockingLoop loop(listener, latch());
    accept_loop(listener).run([] { return true; },
                              [&](NewConnection connection) { loop.serve(std::move(connection)); });
  }
};

}  // namespace

std::unique_ptr<Backend> make_blocking(const BackendOptions&) { return std::make_unique<BlockingBackend>(); }

}  // namespace asyncd
