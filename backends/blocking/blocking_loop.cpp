#include "backends/blocking/blocking_loop.h"

#include <new>
#include <thread>

#include "core/io/deliver.h"
#include "core/net/receive_slice.h"
#include "core/net/taken.h"
#include "core/session/most_memory.h"

namespace asyncd {

static_assert(Loop<BlockingLoop>);

namespace {

constexpr Duration slice = std::chrono::milliseconds(250);
constexpr Duration short_slice = std::chrono::milliseconds(10);  // where the end is near
// for each thread, and there may be thousands
constexpr std::size_t cached_bytes = 256 << 10;
// likewise, from one connection to the next
constexpr std::size_t cached_between = 16 << 10;

}  // namespace

std::uint64_t BlockingLoop::memory_bound(const Service& service) {
  const Limits& limits = service.limits;
  // while output moves before it
  const std::uint64_t kept_reply = service.asynchronous() ? limits.max_reply : 0;
  return kept_reply + sizeof(Driver<BlockingLoop>) + most_buffered(limits) + limits.input_buffer +
         cached_bytes;
}

BlockingLoop::BlockingLoop(Listener& listener, const StopFlag& stop_flag, std::uint64_t number,
                           Accepting accepting)
    : listener_(listener),
      stop_flag_(stop_flag),
      accepting_(accepting),
      tally_(listener.stats()),
      record_(listener, HookRecord::Kind::thread, number),
      workers_(listener.services(), &record_),
      operations_(listener.completions(), stop_flag, *this),
      pool_(cached_bytes, &listener.memory()),
      buffer_size_(static_cast<std::size_t>(listener.service()->limits.input_buffer)),
      buffer_(pool_) {
  pool_.account().take(sizeof(Driver<BlockingLoop>));
}

void BlockingLoop::serve(NewConnection connection) {
  if (const auto ended = converse(std::move(connection))) listener_.on_closed(*ended);
}

void BlockingLoop::serve_only(NewConnection connection) {
  const auto ended = converse(std::move(connection));
  end();
  if (ended) listener_.on_closed(*ended);
}

// Nothing, where the client has been rejected.
std::optional<EndedConnection> BlockingLoop::converse(NewConnection connection) {
  Workers::Place place = workers_.enter(connection.service);
  if (!place.ok()) {
    listener_.reject(std::move(connection), place.why());
    return std::nullopt;
  }
  operations_.serve(connection.socket.handle());
  const std::uint64_t id = connection.info.id;
  const std::shared_ptr<const Service> service = connection.service;
  std::optional<Driver<BlockingLoop>> driver;
  try {
    buffer_.reserve(buffer_size_);
    const InHook opens(&record_, *service, id);
    driver.emplace(*this, std::move(connection), std::move(place), pool_);
  } catch (const std::bad_alloc&) {
    buffer_.clear();
    listener_.reject(std::move(connection), RejectReason::no_memory);
    return std::nullopt;
  }
  for (;;) {
    driver->pump();
    if (driver->closed()) break;
    wait(*driver);
  }
  pool_.account().note(0);
  buffer_.clear();
  pool_.trim(cached_between);
  const EndedConnection ended = driver->ended();
  const InHook closes(&record_, *service, id);
  driver.reset();
  return ended;
}

void BlockingLoop::on_slice(void* driver) {
  static_cast<Driver<BlockingLoop>*>(driver)->count();
  look_round();
}

// Now and then, because it takes a system call.
void BlockingLoop::look_round() {
  if (accepting_ == Accepting::elsewhere || now() < next_look_) return;
  next_look_ = after(now(), slice);
  if (!stop_flag_.retired() && !stop_flag_.stopping()) listener_.shed_waiting(now());
}

bool BlockingLoop::receive(Driver<BlockingLoop>& driver) {
  look_round();
  if (driver.writing()) return false;
  if (obey_stop_flag(driver) || heed_memory(driver)) {
    driver.on_idle();
    return true;
  }
  const NativeSocket socket = driver.channel().socket.handle();
  const std::span<char> buffer(buffer_.reserve(0), buffer_size_);
  if (driver.session().draining()) {
    wait_ready(socket, true, false, short_slice);
    deliver(driver, receive_some(socket, buffer), buffer.data());
  } else {
    IoResult result = receive_within_slice(socket, buffer, slice);
    // The thread may have been held up since, and input have come before the deadline did.
    if (result.status == IoResult::Status::would_block && now() >= driver.session().deadline())
      result = receive_some(socket, buffer);
    deliver(driver, result, buffer.data());
  }
  return true;
}

bool BlockingLoop::send(Driver<BlockingLoop>& driver, std::string_view output) {
  return send_directly(driver, driver.channel().socket.handle(), output);
}

// Output is stuck: whichever way moves first. Or the client is not read, for want of memory.
void BlockingLoop::wait(Driver<BlockingLoop>& driver) {
  look_round();
  const NativeSocket socket = driver.channel().socket.handle();
  if (driver.reading() || driver.writing()) {
    const Ready ready = wait_ready(socket, driver.reading(), driver.writing(), slice);
    char* const buffer = buffer_.reserve(0);
    if (ready.readable) deliver(driver, receive_some(socket, {buffer, buffer_size_}), buffer);
    if (ready.writable) driver.on_writable();
  } else if (is_gone(socket)) {
    driver.on_read_failed(CloseReason::client_reset);
  } else {
    std::this_thread::sleep_for(short_slice);
  }
  heed_memory(driver);
  obey_stop_flag(driver);
}

// For a reply that is sent in parts, while its handler runs.
void BlockingLoop::begin_sending(void* its_driver) {
  static_cast<Driver<BlockingLoop>*>(its_driver)->begin_sending();
}

CloseReason BlockingLoop::send_output(void* its_driver) {
  auto& driver = *static_cast<Driver<BlockingLoop>*>(its_driver);
  const NativeSocket socket = driver.channel().socket.handle();
  const std::string_view output = driver.pending_output();
  const Session* const session = driver.session().session();
  if (output.empty() && session != nullptr && session->unsent() != 0) return CloseReason::no_memory;
  const IoResult result = send_some(socket, output);
  if (result.status == IoResult::Status::ok) driver.on_partly_sent(result.bytes);
  if (result.status == IoResult::Status::would_block) wait_ready(socket, false, true, short_slice);
  if (result.status == IoResult::Status::ok || result.status == IoResult::Status::would_block)
    return driver.late_output();
  return CloseReason::client_reset;
}

// True: the session has something new to think about.
bool BlockingLoop::obey_stop_flag(Driver<BlockingLoop>& driver) {
  if (stop_flag_.stopping()) {
    driver.fail(CloseReason::stopped);
    return true;
  }
  if (driver.session().draining() ||
      !(stop_flag_.draining() || listener_.services().has_retired(driver.service())))
    return false;
  driver.on_drain(stop_flag_.draining() ? stop_flag_.drain_began() : now());
  return true;
}

// Likewise.
bool BlockingLoop::heed_memory(Driver<BlockingLoop>& driver) {
  pool_.account().note(driver.session().held());
  if (!pool_.account().has_news()) return false;
  MemoryRound round(pool_.account());
  pool_.trim(0);
  return driver.heed(round);
}

// The same in the middle of a call.
bool BlockingLoop::is_over_memory(void* its_driver) {
  const std::uint64_t held = static_cast<Driver<BlockingLoop>*>(its_driver)->session().held();
  pool_.account().note(held);
  return pool_.account().has_news() && MemoryRound(pool_.account()).ends(held);
}

BlockingLoop::Channel BlockingLoop::open_channel(Socket socket) const {
  set_receive_slice(socket.handle(), slice);
  return Channel{std::move(socket)};
}

std::size_t BlockingLoop::unread(Driver<BlockingLoop>& driver) const {
  return unread_bytes(driver.channel().socket.handle());
}

Taken BlockingLoop::taken(Driver<BlockingLoop>& driver) const {
  return taken_bytes(driver.channel().socket.handle(), driver.session().sent_on_wire());
}

void BlockingLoop::shutdown_write(Driver<BlockingLoop>& driver) const {
  asyncd::shutdown_write(driver.channel().socket.handle());
}

void BlockingLoop::close(Driver<BlockingLoop>& driver) const {
  prepare_close(driver, driver.channel().socket.handle());
  driver.channel().socket.close();
}

}  // namespace asyncd
