// echo: replies with the message as it came.
#include "asyncd.hpp"

struct Echo {
  static constexpr const char* summary = "Replies with the same bytes";

  void on_message(std::string_view message, asyncd::reply& reply) const noexcept {
    reply.append(message);
  }
};

ASYNCD_EXPORT_HANDLERS(Echo);
