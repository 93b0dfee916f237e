// sample-name: greets the one a message names.
#include <stdexcept>
#include <string>
#include <string_view>

#include "asyncd.hpp"

struct Handler {
  static constexpr const char* name = "sample-name";
  static constexpr const char* summary = "Greets the one a message names";
  static constexpr asyncd_option options[] = {
      asyncd::text_option("greeting", "Hello", "what comes before the name"),
  };

  explicit Handler(const asyncd::options& given) : greeting(given.text("greeting")) {
    if (greeting.empty()) throw std::invalid_argument("the greeting is empty");
  }

  // Being const it promises that calls may overlap, on several threads.
  void on_message(std::string_view message, asyncd::reply& reply) const {
    if (message.empty()) return reply.error("say who you are");
    reply.append(greeting);
    reply.append(", ");
    reply.append(message);
    reply.append('!');
  }

  std::string greeting;
};

ASYNCD_EXPORT_HANDLERS(Handler);
