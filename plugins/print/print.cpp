// print: writes every message to the server's log and replies nothing.
#include "asyncd.hpp"

struct Print {
  static constexpr const char* summary = "Logs the message with its peer and replies nothing";

  void on_message(std::string_view message, asyncd::reply& reply) const noexcept {
    reply.log(asyncd::log_level::info, message);
    reply.no_reply();
  }
};

ASYNCD_EXPORT_HANDLERS(Print);
