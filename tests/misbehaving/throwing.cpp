// throwing: handlers in C++ whose messages say what they throw, as their authors may without
// meaning it.
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "asyncd_async.hpp"

namespace {

using namespace std::chrono_literals;

void throw_what(std::string_view message) {
  if (message.starts_with("throw a number")) throw 42;
  if (message.starts_with("throw for want of memory")) throw std::bad_alloc();
  if (message.starts_with("throw")) throw std::runtime_error("an author's mistake");
}

}  // namespace

struct Throwing {
  static constexpr const char* summary = "Throws, for tests";

  void on_message(std::string_view message, asyncd::reply& reply) const {
    reply.append(message);
    throw_what(message);
  }
  asyncd::frame on_frame(std::string_view bytes) const {
    throw_what(bytes);
    return asyncd::frame::message(0, bytes.size(), bytes.size());
  }
};

struct ThrowingSerially {
  void on_message(std::string_view message, asyncd::reply& reply) {
    throw_what(message);
    reply.append(message);
  }
};

struct ThrowingPerConnection {
  struct connection {
    connection() {
      if (++made % 2 == 0) throw std::runtime_error("not every second one");
    }
    static inline int made = 0;
  };
  static constexpr auto concurrency = asyncd::concurrency::serial;
  void on_message(std::string_view message, asyncd::reply& reply, connection&) const {
    reply.append(message);
  }
};

// "throw at once", "throw later", "throw in another", "throw in work", "throw after a part"; and
// what an operation throws that nothing catches: "no server".
struct ThrowingLater {
  asyncd::task<> on_message(asyncd::call call) const {
    const std::string_view message = call.message();
    if (message.ends_with("at once")) throw_what(message);
    return go_on(call);
  }

 private:
  static asyncd::task<> go_on(asyncd::call call) {
    const std::string_view message = call.message();
    call.append(message);
    if (message.ends_with("after a part")) co_await call.flush();
    if (message == "no server") co_await call.connect("unix:/none/such");
    if (message.ends_with("in another")) co_await another(call);
    auto work = [message] { throw_what(message); };
    if (message.ends_with("in work")) co_await call.offload(work);
    co_await call.sleep(1ms);
    throw_what(message);
  }
  static asyncd::task<> another(asyncd::call call) {
    co_await call.sleep(1ms);
    throw_what(call.message());
  }
};
ASYNCD_EXPORT_HANDLERS(Throwing, ThrowingSerially, ThrowingPerConnection, ThrowingLater);
