// sample-name: greets the one a message names, after a while. On an event loop other clients are
// served meanwhile.
#include <chrono>
#include <stdexcept>
#include <string>

#include "asyncd_async.hpp"

struct Handler {
  static constexpr const char* name = "sample-name";
  static constexpr const char* summary = "Greets the one a message names, after a while";
  static constexpr asyncd_option options[] = {
      asyncd::text_option("greeting", "Hello", "what comes before the name"),
      asyncd::duration_option("delay", "100ms", "how long it takes its time"),
  };

  explicit Handler(const asyncd::options& given)
      : greeting(given.text("greeting")), delay(given.duration("delay")) {
    if (greeting.empty()) throw std::invalid_argument("the greeting is empty");
  }

  // Being const it promises that calls may overlap, on several threads.
  asyncd::task<> on_message(asyncd::call call) const {
    if (call.message().empty()) {
      call.error("say who you are");
      co_return;
    }
    co_await call.sleep(delay);
    call.append(greeting);
    call.append(", ");
    call.append(call.message());
    call.append('!');
  }

  std::string greeting;
  std::chrono::nanoseconds delay;
};

ASYNCD_EXPORT_HANDLERS(Handler);
