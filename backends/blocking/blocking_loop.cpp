#include "backends/blocking/blocking_loop.h"

#include <new>

#include "core/io/deliver.h"

namespace asyncd {

static_assert(Loop<BlockingLoop>);

namespace {

constexpr Duration slice = std::chrono::milliseconds(250);
constexpr std::size_t cached_bytes = 256 << 10;  // for each thread, and there may be thousands

}  // namespace

BlockingLoop::BlockingLoop(Listener& listener, const Latch& latch)
    : listener_(listener),
      latch_(latch),
      pool_(cached_bytes),
      buffer_size_(static_cast<std::size_t>(listener.service().limits.input_buffer)),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_size_)) {}

void BlockingLoop::serve(NewConnection connection) {
  if (!worker_->ok()) return listener_.reject(std::move(connection), RejectReason::no_worker);
  obeyed_ = Latch::Phase::serving;
  Driver<BlockingLoop> driver(*this, std::move(connection), listener_.service(), pool_, worker_->state());
  for (;;) {
    driver.pump();
    if (driver.closed()) break;
    wait(driver);
  }
  listener_.on_closed(driver.info(), driver.session());
}

bool BlockingLoop::receive(Driver<BlockingLoop>& driver) {
  if (driver.writing()) return false;
  if (obey_latch(driver)) {
    driver.on_idle();
    return true;
  }
  const NativeSocket socket = driver.channel().socket.handle();
  deliver(driver, receive_within_slice(socket, {buffer_.get(), buffer_size_}, slice), buffer_.get());
  return true;
}

bool BlockingLoop::send(Driver<BlockingLoop>& driver, std::string_view output) {
  return send_directly(driver, driver.channel().socket.handle(), output);
}

// Output is stuck: whichever way moves first.
void BlockingLoop::wait(Driver<BlockingLoop>& driver) {
  const NativeSocket socket = driver.channel().socket.handle();
  const Ready ready = wait_ready(socket, driver.reading(), driver.writing(), slice);
  if (ready.readable) deliver(driver, receive_some(socket, {buffer_.get(), buffer_size_}), buffer_.get());
  if (ready.writable) driver.on_writable();
  obey_latch(driver);
}

// True: the session has something new to think about.
bool BlockingLoop::obey_latch(Driver<BlockingLoop>& driver) {
  const Latch::Phase phase = latch_.phase();
  if (phase == obeyed_) return false;
  obeyed_ = phase;
  if (phase == Latch::Phase::stopping)
    driver.fail(CloseReason::stopped);
  else
    driver.on_drain();
  return true;
}

BlockingLoop::Channel BlockingLoop::open_channel(Socket socket) const {
  set_receive_slice(socket.handle(), slice);
  return Channel{std::move(socket)};
}

void BlockingLoop::shutdown_write(Driver<BlockingLoop>& driver) const {
  asyncd::shutdown_write(driver.channel().socket.handle());
}

void BlockingLoop::close(Driver<BlockingLoop>& driver) const { driver.channel().socket.close(); }

}  // namespace asyncd
