// hello: the same greeting for every message.
#include <string>

#include "asyncd.hpp"

struct Hello {
  static constexpr const char* summary = "Replies with a greeting, whatever the message";
  static constexpr asyncd_option options[] = {
      asyncd::text_option("text", "Hello World", "the greeting")};

  explicit Hello(const asyncd::options& given) : text(given.text("text")) {}
  void on_message(std::string_view, asyncd::reply& reply) const noexcept { reply.append(text); }

  std::string text;
};

ASYNCD_EXPORT_HANDLERS(Hello);
